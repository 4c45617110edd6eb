import type { KeyScope } from '@mindfuse/protocol'
import { hashSessionToken, isKeyValue, looksLikeKey } from '@mindfuse/service-kit'
import { validForMs } from '@mindfuse/service-kit/access-tokens'
import { dropOldest } from '@mindfuse/shared-state'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, unauthenticated } from '../http/errors.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import type { PresentUser } from '../users/presenter.ts'
import { findKeyByHash, findUserBySession } from '../users/repository.ts'
import type { User } from '../users/schemas.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { KeyUses } from './key-uses.ts'
import { requireOpenTo } from './open-to.ts'
import type { Principal, SessionCache } from './session-cache.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; set on routes behind {@link requireUser}. */
    user: User
    /** What a key may do; empty for everybody else. */
    scopes: readonly KeyScope[]
    /** The caller's session. */
    sessionId: string
    /** When the access token or session ends, in the time of `performance.now()`. */
    authenticatedUntil: number
  }
  interface FastifyContextConfig {
    /** Whether the route takes rights from people: it uses connections that others cannot take. */
    isUrgent?: boolean
  }
}

/** Who makes a request, and with what. */
interface Identified extends Principal {
  sessionId: string
  /** When the credential ends by itself, milliseconds from now. */
  validForMs: number
}

/** Authenticates a request, as a hook. @throws ApiError 401, 429, or 403 where the route is not there for them */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Most keys whose session is known. */
const MAX_KNOWN_KEYS = 10_000

/** Checks the access token or the key, and that its session has not ended: both end with it. */
export function createAuthenticate({
  db,
  urgent,
  accessTokens,
  sessionCache,
  keyUses,
  rateLimit,
  presentUser,
}: {
  db: Database
  /** For routes that take rights from people. */
  urgent: Database
  accessTokens: AccessTokens
  sessionCache: SessionCache
  keyUses: KeyUses
  rateLimit: RateLimit
  presentUser: PresentUser
}): Authenticate {
  /** By the hash of a key, its session: that never changes, and says nothing about whether it lives. */
  const sessionOfKey = new Map<string, string>()

  const dbFor = ({ routeOptions }: FastifyRequest) => (routeOptions.config.isUrgent ? urgent : db)

  /** Who is behind a session that lives. */
  const findPrincipal = async (
    request: FastifyRequest,
    sessionId: string,
    over: () => ApiError,
  ): Promise<Principal> =>
    sessionCache.get(sessionId) ??
    (await sessionCache.remember(sessionId, async () => {
      const row = await findUserBySession(dbFor(request), { sessionId })
      if (!row) throw over()
      return { user: presentUser(row), scopes: row.scopes ?? [] }
    }))

  const identifyToken = async (request: FastifyRequest, token: string): Promise<Identified> => {
    const claims = await accessTokens.verify(token)
    if (!claims) throw unauthenticated('Invalid or expired access token')
    const { sid: sessionId, sub } = claims
    const over = () => unauthenticated('The session has ended')
    const principal = await findPrincipal(request, sessionId, over)
    if (principal.user.id !== sub) throw over()
    return { ...principal, sessionId, validForMs: validForMs(claims) }
  }

  /** The session of a key. @throws ApiError 401, 429 */
  const findSessionOfKey = async (
    request: FastifyRequest,
    reply: FastifyReply,
    tokenHash: string,
  ): Promise<string> => {
    const known = sessionOfKey.get(tokenHash)
    if (known !== undefined) return known
    // Before the query, which anyone could cause: the checksum of a key is no secret.
    rateLimit(request, reply, 'keyLookup', request.ip)
    const key = await findKeyByHash(dbFor(request), { tokenHash })
    if (!key) throw keyInvalid()
    sessionOfKey.set(tokenHash, key.id)
    dropOldest(sessionOfKey, MAX_KNOWN_KEYS)
    return key.id
  }

  const identifyKey = async (
    request: FastifyRequest,
    reply: FastifyReply,
    value: string,
  ): Promise<Identified> => {
    if (!isKeyValue(value)) throw keyInvalid()
    const tokenHash = hashSessionToken(value)
    const sessionId = await findSessionOfKey(request, reply, tokenHash)
    const principal = await findPrincipal(request, sessionId, () => {
      sessionOfKey.delete(tokenHash)
      return keyInvalid()
    })
    keyUses.note(sessionId)
    return { ...principal, sessionId, validForMs: Number.POSITIVE_INFINITY }
  }

  return authenticateBy(rateLimit, async (request, reply) => {
    const value = bearerValue(request)
    return looksLikeKey(value) ? identifyKey(request, reply, value) : identifyToken(request, value)
  })
}

/**
 * Counts each request, of an address until it is known whose it is, and refuses users for whom the route is
 * not there.
 *
 * @param identify finds out who makes a request
 */
export function authenticateBy(
  rateLimit: RateLimit,
  identify: (request: FastifyRequest, reply: FastifyReply) => Promise<Identified>,
): Authenticate {
  return async (request, reply) => {
    try {
      const { user, scopes, sessionId, validForMs } = await identify(request, reply)
      request.user = user
      request.scopes = scopes
      request.sessionId = sessionId
      request.authenticatedUntil = performance.now() + validForMs
    } catch (error) {
      rateLimit(request, reply, 'anonymous', request.ip)
      throw error
    }
    rateLimit(request, reply, 'user', request.user.id)
    requireOpenTo(request)
  }
}

/** Requires a valid access token, or a key, for every route of this plugin scope, and documents that. */
export function requireUser(app: FastifyInstance, authenticate: Authenticate): void {
  app.addHook('onRequest', authenticate)
  app.addHook('onRoute', (route) => {
    const { keys } = route.config?.openTo ?? {}
    const security = [
      { accessToken: [] },
      ...(keys === undefined ? [] : [{ key: keys === 'any' ? [] : [keys] }]),
    ]
    route.schema = { ...route.schema, security }
  })
}

/** As {@link requireUser}, for administrators alone; the first thing that others are answered is 403. */
export function requireAdmin(app: FastifyInstance, authenticate: Authenticate): void {
  requireUser(app, authenticate)
  app.addHook('onRequest', async ({ user }) => {
    if (!user.isAdmin) throw forbidden('Only administrators may do that')
  })
}

/** What is in `Authorization: Bearer …` (RFC 6750). @throws ApiError 401 where there is nothing */
function bearerValue(request: FastifyRequest): string {
  const [, value] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (!value) throw unauthenticated('Send an access token or a key: Authorization: Bearer …')
  return value
}

/** One answer for a key that was cut short, that expired, that was revoked, and that never was. */
function keyInvalid(): ApiError {
  return new ApiError(401, 'key_invalid', 'Invalid, expired or revoked key')
}
