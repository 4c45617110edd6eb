import { randomUUID } from 'node:crypto'
import { ACCESS_TOKEN_TYPE } from '@mindfuse/service-kit/access-tokens'
import type { SignedIn } from '@mindfuse/testing'
import { importJWK, type JWK, SignJWT } from 'jose'
import type { Stack } from './stack.ts'

/** Someone with an account, a session and an access token. */
export interface Newcomer {
  userId: string
  email: string
  accessToken: string
}

/**
 * Makes accounts as if so many had signed in, which would take a minute for a thousand: rows of
 * their own, and tokens signed with the API's key, with the claims of `like`.
 */
export async function createCrowd(
  { database }: Pick<Stack, 'database'>,
  size: number,
  { like }: { like: SignedIn },
): Promise<Newcomer[]> {
  const [key] = await database.query('SELECT * FROM signing_keys')
  const { kid, private_jwk } = key as { kid: string; private_jwk: JWK }
  const privateKey = await importJWK(private_jwk, 'EdDSA')
  const [, payload = ''] = like.accessToken.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const crowd = Array.from({ length: size }, () => ({ userId: randomUUID(), sid: randomUUID() }))
  const emailOf = (userId: string) => `${userId}@example.com`
  await database.query(
    `INSERT INTO users (id, email, email_verified, oauth_provider, oauth_id)
     SELECT id, email, true, 'crowd', id::text FROM unnest($1::uuid[], $2::text[]) AS u (id, email)`,
    [crowd.map(({ userId }) => userId), crowd.map(({ userId }) => emailOf(userId))],
  )
  await database.query(
    `INSERT INTO sessions (id, user_id, token, expires_at)
     SELECT id, user_id, id::text, now() + interval '1 day'
     FROM unnest($1::uuid[], $2::uuid[]) AS s (id, user_id)`,
    [crowd.map(({ sid }) => sid), crowd.map(({ userId }) => userId)],
  )
  return Promise.all(
    crowd.map(async ({ userId, sid }) => ({
      userId,
      email: emailOf(userId),
      accessToken: await new SignJWT({ ...claims, sub: userId, sid })
        .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid })
        .sign(privateKey),
    })),
  )
}
