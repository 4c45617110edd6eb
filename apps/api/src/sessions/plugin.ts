import type { FastifyRequest } from 'fastify'
import { requireUser } from '../auth/authenticate.ts'
import { actorOf, clientOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { refuseCrossSite } from '../http/csrf.ts'
import { ApiError, unauthenticated } from '../http/errors.ts'
import { operation } from '../http/operation.ts'
import { NO_CONTENT, REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { isCookieOfAnother } from './cookie-session.ts'
import * as schemas from './schemas.ts'
import { createSessionService } from './service.ts'

/** Fresh access tokens, sign-out, and the list of a person's sessions. */
export async function sessionPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { authenticate, database, cookies, guestCookies, rateLimit, allowsOrigin } = infrastructure
  const sessions = createSessionService(infrastructure)

  /** Refreshes the person's session, or else the guest's; undefined without a cookie of either. */
  const refreshFirst = async (request: FastifyRequest) => {
    let refusal: ApiError | undefined
    for (const jar of [cookies, guestCookies]) {
      const token = jar.read(request)
      if (token === undefined) continue
      try {
        return { jar, refreshed: await sessions.refresh(token, clientOf(request)) }
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 401)) throw error
        refusal = error
      }
    }
    if (refusal) throw refusal
    return undefined
  }

  app.post(
    '/api/auth/token',
    {
      schema: operation('refreshToken', 'Get a new access token', {
        description:
          'Trades the session cookie for an access token and a new cookie; that of a guest where no person is signed in. With `optional`, 204 without a cookie: browsers log a 401 as an error.',
        querystring: schemas.refreshQuerySchema,
        response: { 200: schemas.refreshedTokenSchema, ...NO_CONTENT },
      }),
    },
    async (request, reply) => {
      rateLimit(request, reply, 'tokenRefresh', request.ip)
      refuseCrossSite(request, allowsOrigin)
      reply.header('cache-control', 'no-store')
      const found = await refreshFirst(request)
      if (!found) {
        if (request.query.optional) return reply.code(204).send(null)
        throw unauthenticated('There is no session cookie: sign in')
      }
      const { session, access, userId } = found.refreshed
      if (session) found.jar.set(reply, session)
      const { accessToken, expiresAt } = access
      return { accessToken, expiresAt: expiresAt.toISOString(), userId }
    },
  )

  app.post(
    '/api/auth/logout',
    {
      config: { isUrgent: true, openTo: { guests: true } },
      schema: operation('logOut', 'End your session', { response: REMOVED }),
    },
    async (request, reply) => {
      refuseCrossSite(request, allowsOrigin)
      const [token, guestToken] = [cookies.read(request), guestCookies.read(request)]
      let isOfAnother = false
      if (request.headers.authorization !== undefined) {
        await authenticate(request, reply)
        isOfAnother = await isCookieOfAnother(database.urgent.db, token, request.user.id)
        await sessions.revoke(actorOf(request), request.sessionId)
      } else if (token !== undefined || guestToken !== undefined) {
        await sessions.signOut(token, clientOf(request))
      } else {
        throw unauthenticated('There is no session to end')
      }
      await sessions.signOut(guestToken, clientOf(request))
      if (guestToken !== undefined) guestCookies.clear(reply)
      if (!isOfAnother) cookies.clear(reply)
    },
  )

  await app.register(async (scope: App) => {
    requireUser(scope, authenticate)

    scope.get(
      '/api/auth/sessions',
      {
        schema: operation('listSessions', 'List your sessions', {
          response: { 200: schemas.sessionListSchema },
        }),
      },
      async (request) => ({
        items: await sessions.list(request.user.id, request.sessionId),
        nextCursor: null,
      }),
    )

    scope.delete(
      '/api/auth/sessions/:sessionId',
      {
        config: { isUrgent: true },
        schema: operation('revokeSession', 'End one of your sessions', {
          params: schemas.sessionParamsSchema,
          response: REMOVED,
        }),
      },
      (request) => sessions.revoke(actorOf(request), request.params.sessionId),
    )
  })
}
