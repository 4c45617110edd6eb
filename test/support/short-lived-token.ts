import { ACCESS_TOKEN_TYPE } from '@mindfuse/service-kit/access-tokens'
import type { SignedIn } from '@mindfuse/testing'
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Stack } from './stack.ts'

/** A token of a person's session that ends soon, and when, in milliseconds since 1970. */
export interface ShortLivedToken {
  token: string
  endsAt: number
}

/**
 * Makes one, signed with the API's own key.
 * @param changed claims that differ from those of the person's token
 */
export async function shortLivedToken(
  { database }: Stack,
  { accessToken }: SignedIn,
  lifeSeconds: number,
  changed: JWTPayload = {},
): Promise<ShortLivedToken> {
  const [key] = await database.query('SELECT * FROM signing_keys')
  const { kid, private_jwk: jwk } = key as { kid: string; private_jwk: JWK }
  const [, payload = ''] = accessToken.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const exp = Math.floor(Date.now() / 1_000) + lifeSeconds
  const token = await new SignJWT({ ...claims, ...changed, exp })
    .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid })
    .sign(await importJWK(jwk, 'EdDSA'))
  return { token, endsAt: exp * 1_000 }
}
