import type { Authenticate } from '../auth/authenticate.ts'
import { requireOpenTo } from '../auth/open-to.ts'
import { refuseCrossSite } from '../http/csrf.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { identifySession } from '../sessions/identify-session.ts'

/**
 * Authenticates by the access token, or by the session's cookie, since an `EventSource` sends no header
 * of its own. Requests with the cookie must not come from another site.
 */
export function createStreamAuthenticate({
  db,
  authenticate,
  cookies,
  rateLimit,
  allowsOrigin,
  presentUser,
}: Infrastructure): Authenticate {
  return async (request, reply) => {
    const token = cookies.read(request)
    if (token === undefined || request.headers.authorization !== undefined) {
      await authenticate(request, reply)
      return
    }
    try {
      refuseCrossSite(request, allowsOrigin)
      const { user, sessionId, expiresAt } = await identifySession(db, token)
      request.user = presentUser(user)
      request.scopes = []
      request.sessionId = sessionId
      request.authenticatedUntil = performance.now() + expiresAt.getTime() - Date.now()
    } catch (error) {
      rateLimit(request, reply, 'anonymous', request.ip)
      throw error
    }
    rateLimit(request, reply, 'user', request.user.id)
    requireOpenTo(request)
  }
}
