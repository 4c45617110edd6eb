import { hash, KeyObject } from 'node:crypto'
import {
  ACCESS_TOKEN_ALGORITHM,
  type AccessTokenClaims,
  InvalidTokenError,
  type KeyLookup,
  validForMs,
  verifyAccessToken,
} from '@mindfuse/service-kit/access-tokens'
import { dropOldest } from '@mindfuse/shared-state'
import { createRemoteJWKSet, errors } from 'jose'
import { Refusal } from './refusal.ts'

/** How long the API may take to answer with its keys, milliseconds. */
const KEYS_TIMEOUT_MS = 5_000

/** How soon keys may be fetched again for a key id that is not known, milliseconds. */
const KEYS_COOLDOWN_MS = 5_000

/** How many valid tokens are remembered until they expire. */
const MAX_REMEMBERED_TOKENS = 10_000

/** Failures of the token itself; any other is a failure to fetch the keys. */
const TOKEN_FAILURES = [
  InvalidTokenError,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
]

/** The claims of a valid access token. @throws Refusal 401 or 503 */
export type TokenVerifier = (token: string) => Promise<AccessTokenClaims>

/**
 * Verifies access tokens with the public keys that the API publishes, fetched when first needed. A
 * valid one is remembered by its hash: a user reconnects with the same token, from several tabs, and
 * everyone at once after a restart. Whether its session lives is checked each time.
 */
export function createTokenVerifier(options: { apiUrl: string }): TokenVerifier {
  const findKey = createKeyLookup(options.apiUrl)
  const remembered = new Map<string, AccessTokenClaims>()

  return async (token) => {
    const digest = hash('sha256', token, 'base64url')
    const known = remembered.get(digest)
    if (known && validForMs(known) > 0) return known
    const claims = await verifyAccessToken(token, findKey).catch((cause) => {
      throw TOKEN_FAILURES.some((failure) => cause instanceof failure)
        ? new Refusal(401, 'token_invalid', 'Invalid or expired access token', { cause })
        : new Refusal(
            503,
            'keys_unavailable',
            'Tokens cannot be checked right now; try again later',
            {
              cause,
            },
          )
    })
    remembered.set(digest, claims)
    dropOldest(remembered, MAX_REMEMBERED_TOKENS)
    return claims
  }
}

/** The API's keys: read when first needed, when a new one is named, and every ten minutes. */
function createKeyLookup(apiUrl: string): KeyLookup {
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', apiUrl), {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
  })
  const converted = new WeakMap<object, KeyObject>()
  return async (kid) => {
    const key = await keys({ alg: ACCESS_TOKEN_ALGORITHM, kid })
    const known = converted.get(key)
    if (known) return known
    const made = KeyObject.from(key)
    converted.set(key, made)
    return made
  }
}
