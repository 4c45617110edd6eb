import type { FastifyInstance, FastifyRequest } from 'fastify'
import { unauthenticated } from '../http/errors.ts'
import type { User } from './schemas.ts'
import type { AuthService } from './service.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who speaks; set on routes behind {@link requireUser}. */
    user: User
    /** The session they speak in. */
    sessionId: string
  }
}

/** Puts every route of this plugin scope behind a valid access token. */
export function requireUser(app: FastifyInstance, auth: AuthService): void {
  app.decorateRequest('user')
  app.decorateRequest('sessionId')
  app.addHook('onRequest', async (request) => {
    const { user, claims } = await auth.authenticate(bearerToken(request))
    request.user = user
    request.sessionId = claims.sid
  })
}

/** The token of `Authorization: Bearer …` (RFC 6750). @throws ApiError 401 where there is none. */
export function bearerToken(request: FastifyRequest): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (!token) throw unauthenticated('Send an access token: Authorization: Bearer …')
  return token
}
