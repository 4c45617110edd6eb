import { clientOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import { cookieOptions, type SessionCookies } from '../sessions/cookie.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { resolveReturnTo } from './return-to.ts'
import * as schemas from './schemas.ts'
import type { AuthService } from './service.ts'

/** How long a sign-in may take from start to callback, seconds. */
const SIGN_IN_TTL_SECONDS = 10 * 60

/** How long others may keep the public keys, seconds. */
export const JWKS_MAX_AGE_SECONDS = 300

/** What the auth routes need. */
export interface AuthRoutesDeps {
  auth: AuthService
  accessTokens: AccessTokens
  identityProvider: IdentityProvider
  cookies: SessionCookies
  rateLimit: RateLimit
  /** The web app's origin, where sign-in ends. */
  webOrigin: string
  /** The API's own origin. */
  publicUrl: string
}

/** Sign-in, and the keys that verify what it ends in. */
export async function authRoutes(app: App, deps: AuthRoutesDeps): Promise<void> {
  const { auth, accessTokens, identityProvider, cookies, rateLimit, webOrigin } = deps
  const { prefix, options } = cookieOptions(deps.publicUrl)
  const returnToCookie = `${prefix}mindfuse_return_to`

  app.get(
    '/api/auth/google',
    { schema: { querystring: schemas.startQuerySchema } },
    async (request, reply) => {
      rateLimit(request, reply, 'signIn', request.ip)
      const { login_hint: loginHint, returnTo } = request.query
      const url = await identityProvider.authorizationUrl(request, reply, loginHint)
      if (returnTo !== undefined) {
        reply.setCookie(returnToCookie, returnTo, { ...options, maxAge: SIGN_IN_TTL_SECONDS })
      }
      return reply.header('cache-control', 'no-store').redirect(url)
    },
  )

  app.get(
    '/api/auth/google/callback',
    {
      schema: { querystring: schemas.callbackQuerySchema, response: { 200: schemas.signInSchema } },
    },
    async (request, reply) => {
      rateLimit(request, reply, 'signIn', request.ip)
      const returnTo = request.cookies[returnToCookie]
      reply.clearCookie(returnToCookie, options).header('cache-control', 'no-store')
      if (request.query.error !== undefined) {
        throw new ApiError(401, 'sign_in_refused', 'The identity provider refused the sign-in')
      }
      const identity = await identityProvider.identify(request, reply)
      const { user, session, access } = await auth.signIn(identity, clientOf(request))
      cookies.set(reply, session)
      if (request.headers.accept?.includes('application/json')) {
        return { accessToken: access.accessToken, expiresAt: access.expiresAt.toISOString(), user }
      }
      return reply.redirect(resolveReturnTo(returnTo, webOrigin))
    },
  )

  app.get(
    '/.well-known/jwks.json',
    { schema: { response: { 200: schemas.jwksSchema } } },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`)
      return { keys: accessTokens.publicKeys() }
    },
  )
}
