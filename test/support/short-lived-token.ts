import { CLOCK_TOLERANCE_SECONDS } from '@mindfuse/service-kit'
import { ACCESS_TOKEN_TYPE } from '@mindfuse/service-kit/access-tokens'
import type { SignedIn } from '@mindfuse/testing'
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Stack } from './stack.ts'

/** A token of a person's session that is not valid for long; times are milliseconds since 1970. */
export interface ShortLivedToken {
  token: string
  /** What the token says. */
  expiresAt: number
  /** From when on it is refused: clocks may differ. */
  endsAt: number
}

/**
 * Makes one, signed with the API's own key.
 * @param lifeSeconds for how long it is valid: it has expired, as far as clocks may differ
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
  const exp = Math.floor(Date.now() / 1_000) + lifeSeconds - CLOCK_TOLERANCE_SECONDS
  const token = await new SignJWT({ ...claims, ...changed, exp })
    .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid })
    .sign(await importJWK(jwk, 'EdDSA'))
  return { token, expiresAt: exp * 1_000, endsAt: (exp + CLOCK_TOLERANCE_SECONDS) * 1_000 }
}
