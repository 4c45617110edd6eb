import type { KeyScope } from '@mindfuse/protocol'
import { type AccessTokenClaims, validForMs } from '@mindfuse/service-kit/access-tokens'
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../db/database.ts'
import { forbidden, unauthenticated } from '../http/errors.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import type { PresentUser } from '../users/presenter.ts'
import { findUserBySession } from '../users/repository.ts'
import type { User } from '../users/schemas.ts'
import type { AccessTokens } from './access-tokens.ts'
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

/** Authenticates a request, as a hook. @throws ApiError 401, 429, or 403 where the route is not there for them */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Checks the access token, and that its session has not ended: its tokens end with it. */
export function createAuthenticate({
  db,
  urgent,
  accessTokens,
  sessionCache,
  rateLimit,
  presentUser,
}: {
  db: Database
  /** For urgent routes. */
  urgent: Database
  accessTokens: AccessTokens
  sessionCache: SessionCache
  rateLimit: RateLimit
  presentUser: PresentUser
}): Authenticate {
  const identify = async (request: FastifyRequest): Promise<void> => {
    const claims = await accessTokens.verify(bearerToken(request))
    if (!claims) throw unauthenticated('Invalid or expired access token')
    const { user, scopes } =
      sessionCache.get(claims.sid) ??
      (await sessionCache.remember(claims.sid, () =>
        findPrincipal(claims, request.routeOptions.config),
      ))
    request.user = user
    request.scopes = scopes
    request.sessionId = claims.sid
    request.authenticatedUntil = performance.now() + validForMs(claims)
  }

  const findPrincipal = async (
    { sid, sub }: AccessTokenClaims,
    { isUrgent }: FastifyContextConfig,
  ): Promise<Principal> => {
    const row = await findUserBySession(isUrgent ? urgent : db, { sessionId: sid })
    if (row?.id !== sub) throw unauthenticated('The session has ended')
    return { user: presentUser(row), scopes: row.scopes ?? [] }
  }

  return async (request, reply) => {
    try {
      await identify(request)
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
    const security = [{ accessToken: [] }, ...(keys === undefined ? [] : [{ key: [keys] }])]
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

/** The token of `Authorization: Bearer …` (RFC 6750). @throws ApiError 401 where there is none */
function bearerToken(request: FastifyRequest): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (!token) throw unauthenticated('Send an access token: Authorization: Bearer …')
  return token
}
