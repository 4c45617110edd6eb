import type { Authenticate } from '../auth/authenticate.ts'
import { refuseCrossSite } from '../http/csrf.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import type { SessionCookies } from '../sessions/cookie.ts'
import type { SessionService } from '../sessions/service.ts'

/**
 * Goes by the access token, or by the session's cookie: an `EventSource` sends no header of its own.
 * Whoever goes by the cookie must not be made to by another site.
 */
export function createStreamAuthenticate(deps: {
  authenticate: Authenticate
  sessions: SessionService
  cookies: SessionCookies
  rateLimit: RateLimit
  /** Origins whose pages may use the cookie. */
  allowedOrigins: readonly string[]
}): Authenticate {
  const { authenticate, sessions, cookies, rateLimit, allowedOrigins } = deps
  return async (request, reply) => {
    const token = cookies.read(request)
    if (token === undefined || request.headers.authorization !== undefined) {
      await authenticate(request, reply)
      return
    }
    try {
      refuseCrossSite(request, allowedOrigins)
      const { user, sessionId, expiresAt } = await sessions.identify(token)
      request.user = user
      request.sessionId = sessionId
      request.authenticatedUntil = expiresAt.getTime()
    } catch (error) {
      rateLimit(request, reply, 'anonymous', request.ip)
      throw error
    }
    rateLimit(request, reply, 'user', request.user.id)
  }
}
