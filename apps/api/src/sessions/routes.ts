import { Type } from 'typebox'
import { requireUser } from '../auth/authenticate.ts'
import type { AuthService } from '../auth/service.ts'
import { actorOf, clientOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { refuseCrossSite } from '../http/csrf.ts'
import { unauthenticated } from '../http/errors.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import type { SessionCookies } from './cookie.ts'
import * as schemas from './schemas.ts'
import type { SessionService } from './service.ts'

/** What the session routes need. */
export interface SessionRoutesDeps {
  auth: AuthService
  sessions: SessionService
  cookies: SessionCookies
  rateLimit: RateLimit
  /** Origins whose pages may use the cookie: the web app's and the API's own. */
  allowedOrigins: readonly string[]
}

/** Fresh tokens, sign-out, and the list of places where one is signed in. */
export async function sessionRoutes(app: App, deps: SessionRoutesDeps): Promise<void> {
  const { auth, sessions, cookies, rateLimit, allowedOrigins } = deps

  app.post(
    '/api/auth/token',
    { schema: { response: { 200: schemas.tokenSchema } } },
    async (request, reply) => {
      rateLimit(request, reply, 'tokenRefresh', request.ip)
      refuseCrossSite(request, allowedOrigins)
      const token = cookies.read(request)
      if (token === undefined) throw unauthenticated('There is no session cookie: sign in')
      const { session, access } = await sessions.refresh(token, clientOf(request))
      if (session) cookies.set(reply, session)
      reply.header('cache-control', 'no-store')
      return { accessToken: access.accessToken, expiresAt: access.expiresAt.toISOString() }
    },
  )

  app.post(
    '/api/auth/logout',
    { schema: { response: { 204: Type.Null() } } },
    async (request, reply) => {
      refuseCrossSite(request, allowedOrigins)
      const token = cookies.read(request)
      if (request.headers.authorization !== undefined) {
        await auth.authenticate(request, reply)
        await sessions.revoke(actorOf(request), request.sessionId)
      } else if (token !== undefined) {
        await sessions.signOut(token, clientOf(request))
      } else {
        throw unauthenticated('There is no session to end')
      }
      cookies.clear(reply)
      return reply.code(204).send(null)
    },
  )

  await app.register(async (scope: App) => {
    requireUser(scope, auth)

    scope.get(
      '/api/auth/sessions',
      { schema: { response: { 200: schemas.sessionListSchema } } },
      async (request) => ({
        items: await sessions.list(request.user.id, request.sessionId),
        nextCursor: null,
      }),
    )

    scope.delete(
      '/api/auth/sessions/:sessionId',
      { schema: { params: schemas.sessionParamsSchema, response: { 204: Type.Null() } } },
      async (request, reply) => {
        await sessions.revoke(actorOf(request), request.params.sessionId)
        return reply.code(204).send(null)
      },
    )
  })
}
