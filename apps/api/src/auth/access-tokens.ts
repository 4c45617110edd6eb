import { randomUUID } from 'node:crypto'
import {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
  ACCESS_TOKEN_VERIFY_OPTIONS,
  type AccessTokenClaims,
  accessTokenClaimsSchema,
} from '@mindfuse/protocol'
import { createLocalJWKSet, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { Value } from 'typebox/value'
import type { SigningKey } from './signing-keys.ts'

/** How long an access token lasts, seconds. */
const ACCESS_TOKEN_TTL_SECONDS = 15 * 60

/** Makes and verifies access tokens. */
export interface AccessTokens {
  sign(subject: {
    userId: string
    sessionId: string
    name: string
    pictureUrl: string | null
  }): Promise<{ accessToken: string; expiresAt: Date }>
  /** The claims of a token of ours, or undefined where it is none, or none any more. */
  verify(token: string): Promise<AccessTokenClaims | undefined>
  /** What anybody needs to verify them. */
  publicKeys: JWK[]
}

/** @param keys newest first; the newest signs, all verify */
export async function createAccessTokens(
  keys: readonly [SigningKey, ...SigningKey[]],
): Promise<AccessTokens> {
  const [newest] = keys
  const privateKey = await importJWK(newest.privateJwk, ACCESS_TOKEN_ALGORITHM)
  const publicKeys = keys.map((key) => key.publicJwk)
  const keySet = createLocalJWKSet({ keys: publicKeys })

  return {
    publicKeys,

    async sign({ userId, sessionId, name, pictureUrl }) {
      const issuedAt = Math.floor(Date.now() / 1_000)
      const expiresAt = issuedAt + ACCESS_TOKEN_TTL_SECONDS
      const accessToken = await new SignJWT({
        sid: sessionId,
        name,
        ...(pictureUrl !== null && { picture: pictureUrl }),
      })
        .setProtectedHeader({
          alg: ACCESS_TOKEN_ALGORITHM,
          typ: ACCESS_TOKEN_TYPE,
          kid: newest.kid,
        })
        .setIssuer(ACCESS_TOKEN_ISSUER)
        .setAudience(ACCESS_TOKEN_AUDIENCE)
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(privateKey)
      return { accessToken, expiresAt: new Date(expiresAt * 1_000) }
    },

    async verify(token) {
      const verified = await jwtVerify(token, keySet, ACCESS_TOKEN_VERIFY_OPTIONS).catch(
        // With keys at hand every failure is the token's.
        () => undefined,
      )
      const claims = verified?.payload
      return Value.Check(accessTokenClaimsSchema, claims) ? claims : undefined
    },
  }
}
