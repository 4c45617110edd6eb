import { createHash } from 'node:crypto'
import {
  ACCESS_TOKEN_VERIFY_OPTIONS,
  type AccessTokenClaims,
  accessTokenClaimsSchema,
} from '@mindfuse/protocol'
import { dropOldest } from '@mindfuse/shared-state'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { Value } from 'typebox/value'
import { Refusal } from './refusal.ts'

/** How long the API may take to answer with its keys, milliseconds. */
const KEYS_TIMEOUT_MS = 5_000

/** How soon keys may be fetched again for a key id that is not known, milliseconds. */
const KEYS_COOLDOWN_MS = 5_000

/** How many tokens that held are remembered until their end. */
const MAX_REMEMBERED_TOKENS = 10_000

/** The failures that are the token's own; any other is ours, of fetching the keys. */
const TOKEN_FAILURES = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
]

/** The claims of an access token that holds. @throws Refusal 401 or 503 */
export type TokenVerifier = (token: string) => Promise<AccessTokenClaims>

/**
 * Verifies access tokens with the public keys that the API publishes, fetched when first needed. One
 * that held is remembered by its hash: a person returns with the same token, with several tabs, and
 * all at once after a restart, and each signature takes 0.2 ms. Whether its session lives is asked
 * each time.
 */
export function createTokenVerifier(options: { apiUrl: string }): TokenVerifier {
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', options.apiUrl), {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
  })

  const remembered = new Map<string, AccessTokenClaims>()

  return async (token) => {
    const hash = createHash('sha256').update(token).digest('base64')
    const known = remembered.get(hash)
    if (known && known.exp * 1_000 > Date.now()) return known
    const { payload } = await jwtVerify(token, keys, ACCESS_TOKEN_VERIFY_OPTIONS).catch((cause) => {
      if (TOKEN_FAILURES.some((failure) => cause instanceof failure)) throw invalidToken(cause)
      throw new Refusal(503, 'keys_unavailable', 'Tokens cannot be checked at the moment', {
        cause,
      })
    })
    if (!Value.Check(accessTokenClaimsSchema, payload)) throw invalidToken(undefined)
    remembered.set(hash, payload)
    dropOldest(remembered, MAX_REMEMBERED_TOKENS)
    return payload
  }
}

function invalidToken(cause: unknown): Refusal {
  return new Refusal(401, 'token_invalid', 'The access token is not valid, or not any more', {
    cause,
  })
}
