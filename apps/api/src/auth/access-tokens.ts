import { createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import type { UserKind } from '@mindfuse/protocol'
import {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
  type AccessTokenClaims,
  InvalidTokenError,
  validForMs,
  verifyAccessToken,
} from '@mindfuse/service-kit/access-tokens'
import { dropOldest } from '@mindfuse/shared-state'
import { importJWK, type JWK, SignJWT } from 'jose'
import type { SigningKey } from './signing-keys.ts'

/** How long an access token lasts, seconds. */
export const ACCESS_TOKEN_TTL_SECONDS = 15 * 60

/** How often the keys are read again, milliseconds: a new one signs only later than that. */
const RELOAD_INTERVAL_MS = 60_000

/** How soon an unknown key id may make us read the keys out of turn, milliseconds. */
const RELOAD_COOLDOWN_MS = 1_000

/** Most tokens whose signature is remembered to be good. */
const MAX_VERIFIED_TOKENS = 10_000

/** Whose access token it is. */
export interface TokenSubject {
  userId: string
  kind: UserKind
  sessionId: string
  name: string
  pictureUrl: string | null
  /**
   * For how long it is valid, seconds, where its session is not renewed: connections that it admits end with
   * it then. Without it they last as long as the session.
   */
  endsInSeconds?: number | undefined
}

/** Makes and verifies access tokens. */
export interface AccessTokens {
  sign(subject: TokenSubject): Promise<{ accessToken: string; expiresAt: Date }>
  /** The claims of an access token, or undefined where it is invalid or expired. */
  verify(token: string): Promise<AccessTokenClaims | undefined>
  /** The keys that verify them, those that do not sign yet included. */
  publicKeys(): JWK[]
  /** Stops reading new keys. */
  close(): void
}

/**
 * Access tokens signed with the newest active key. Rotating keys fails no request: a new key is
 * known to all before it signs, and an old one verifies for as long as its tokens may live.
 *
 * @param deps.loadKeys all keys, newest first
 */
export async function createAccessTokens(deps: {
  loadKeys: () => Promise<SigningKey[]>
  onError: (error: unknown) => void
}): Promise<AccessTokens> {
  let keys = await deps.loadKeys()
  let publicKeys = toPublicKeys(keys)
  let loadedAt = performance.now()
  // Verifying a signature costs more than everything else in a small request.
  const verifiedTokens = new Map<string, AccessTokenClaims>()

  let reloading: Promise<void> | undefined
  const reload = () => {
    reloading ??= readKeys().finally(() => {
      reloading = undefined
    })
    return reloading
  }
  const readKeys = async () => {
    loadedAt = performance.now()
    try {
      const loaded = await deps.loadKeys()
      publicKeys = toPublicKeys(loaded)
      keys = loaded
      verifiedTokens.clear()
    } catch (error) {
      // The known keys keep working.
      deps.onError(error)
    }
  }
  const timer = setInterval(() => void reload(), RELOAD_INTERVAL_MS).unref()

  const findKey = async (kid: string): Promise<KeyObject> => {
    // Another instance may sign with a key that this one has not read yet.
    if (!publicKeys.has(kid)) {
      // Requests that arrive while the keys are being read wait for them as well.
      await (performance.now() - loadedAt >= RELOAD_COOLDOWN_MS ? reload() : reloading)
    }
    const key = publicKeys.get(kid)
    if (!key) throw new InvalidTokenError('key')
    return key
  }

  return {
    publicKeys: () => keys.map((key) => key.publicJwk),
    close: () => clearInterval(timer),

    async sign({ userId, kind, sessionId, name, pictureUrl, endsInSeconds }) {
      const now = Date.now()
      const key = keys.find((candidate) => candidate.activatesAt.getTime() <= now) ?? keys.at(-1)
      if (!key) throw new Error('there is no signing key')
      const issuedAt = Math.floor(now / 1_000)
      const expiresAt = issuedAt + (endsInSeconds ?? ACCESS_TOKEN_TTL_SECONDS)
      const accessToken = await new SignJWT({
        sid: sessionId,
        ...(endsInSeconds === undefined && { until: 'session' }),
        name,
        ...(kind !== 'person' && { kind }),
        ...(pictureUrl !== null && { picture: pictureUrl }),
      })
        .setProtectedHeader({ alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: key.kid })
        .setIssuer(ACCESS_TOKEN_ISSUER)
        .setAudience(ACCESS_TOKEN_AUDIENCE)
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(await importJWK(key.privateJwk, ACCESS_TOKEN_ALGORITHM))
      return { accessToken, expiresAt: new Date(expiresAt * 1_000) }
    },

    async verify(token) {
      const known = verifiedTokens.get(token)
      if (known) return validForMs(known) > 0 ? known : undefined
      const claims = await verifyAccessToken(token, findKey).catch((error) => {
        if (error instanceof InvalidTokenError) return undefined
        throw error
      })
      if (!claims) return undefined
      verifiedTokens.set(token, claims)
      dropOldest(verifiedTokens, MAX_VERIFIED_TOKENS)
      return claims
    },
  }
}

/** By their ids. */
function toPublicKeys(keys: SigningKey[]): Map<string, KeyObject> {
  return new Map(
    keys.map(({ kid, publicJwk }) => [kid, createPublicKey({ key: publicJwk, format: 'jwk' })]),
  )
}
