import type { FastifyRequest } from 'fastify'
import { type Authenticate, authenticateBy } from '../auth/authenticate.ts'
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
  const identify = async (request: FastifyRequest, token: string) => {
    refuseCrossSite(request, allowsOrigin)
    const { user, sessionId, expiresAt } = await identifySession(db, token)
    const validForMs = expiresAt.getTime() - Date.now()
    return { user: presentUser(user), scopes: [], sessionId, validForMs }
  }
  return (request, reply) => {
    const token = cookies.read(request)
    if (token === undefined || request.headers.authorization !== undefined) {
      return authenticate(request, reply)
    }
    return authenticateBy(rateLimit, () => identify(request, token))(request, reply)
  }
}
