import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { App } from '../http/app.ts'
import { refuseCrossSite } from '../http/csrf.ts'
import { ApiError, unauthenticated } from '../http/errors.ts'
import type { AccessTokens } from './access-tokens.ts'
import { bearerToken, requireUser } from './authenticate.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { resolveReturnTo } from './return-to.ts'
import * as schemas from './schemas.ts'
import type { AuthService, SessionCookie } from './service.ts'

/** How long a sign-in may take from start to callback, seconds. */
const SIGN_IN_TTL_SECONDS = 10 * 60

/** How long others may keep the public keys, seconds. */
const JWKS_MAX_AGE_SECONDS = 300

/** What the auth routes need. */
export interface AuthRoutesDeps {
  auth: AuthService
  accessTokens: AccessTokens
  identityProvider: IdentityProvider
  /** The web app's origins; sign-in ends at the first. */
  webOrigins: readonly [string, ...string[]]
  /** The API's own origin. */
  publicUrl: string
}

/** Sign-in, tokens, sign-out, and who one is. */
export async function authRoutes(app: App, deps: AuthRoutesDeps): Promise<void> {
  const { auth, accessTokens, identityProvider, webOrigins, publicUrl } = deps
  const cookies = cookieJar(publicUrl)
  const allowedOrigins = [...webOrigins, publicUrl]

  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })

  app.get(
    '/api/auth/google',
    { schema: { querystring: schemas.startQuerySchema } },
    async (request, reply) => {
      const { login_hint: loginHint, returnTo } = request.query
      const url = await identityProvider.authorizationUrl(request, reply, loginHint)
      if (returnTo !== undefined) cookies.setReturnTo(reply, returnTo)
      return reply.redirect(url)
    },
  )

  app.get(
    '/api/auth/google/callback',
    {
      schema: { querystring: schemas.callbackQuerySchema, response: { 200: schemas.signInSchema } },
    },
    async (request, reply) => {
      const returnTo = request.cookies[cookies.returnToName]
      cookies.clearReturnTo(reply)
      if (request.query.error !== undefined) {
        throw new ApiError(401, 'sign_in_refused', 'The identity provider refused the sign-in')
      }
      const identity = await identityProvider.identify(request, reply)
      const { user, session, access } = await auth.signIn(identity, {
        ip: request.ip,
        userAgent: request.headers['user-agent'],
      })
      cookies.setSession(reply, session)
      if (request.headers.accept?.includes('application/json')) {
        return { ...presentAccess(access), user }
      }
      return reply.redirect(resolveReturnTo(returnTo, webOrigins[0]))
    },
  )

  app.post(
    '/api/auth/token',
    { schema: { response: { 200: schemas.tokenSchema } } },
    async (request, reply) => {
      refuseCrossSite(request, allowedOrigins)
      const token = request.cookies[cookies.sessionName]
      if (token === undefined) throw unauthenticated('There is no session cookie: sign in')
      const { session, access } = await auth.refresh(token)
      if (session) cookies.setSession(reply, session)
      return presentAccess(access)
    },
  )

  app.post(
    '/api/auth/logout',
    { schema: { response: { 204: Type.Null() } } },
    async (request, reply) => {
      refuseCrossSite(request, allowedOrigins)
      const token = request.cookies[cookies.sessionName]
      if (request.headers.authorization !== undefined) {
        const { claims } = await auth.authenticate(bearerToken(request))
        await auth.signOutSession(claims.sid)
      } else if (token !== undefined) {
        await auth.signOut(token)
      } else {
        throw unauthenticated('There is no session to end')
      }
      cookies.clearSession(reply)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/.well-known/jwks.json',
    { schema: { response: { 200: schemas.jwksSchema } } },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`)
      return { keys: accessTokens.publicKeys }
    },
  )

  await app.register(async (scope) => {
    requireUser(scope, auth)
    scope.get(
      '/api/auth/me',
      { schema: { response: { 200: schemas.userSchema } } },
      async (request) => request.user,
    )
  })
}

function presentAccess(access: { accessToken: string; expiresAt: Date }) {
  return { accessToken: access.accessToken, expiresAt: access.expiresAt.toISOString() }
}

/** The API's cookies. Over https their names tie them to this host, Secure and the root path. */
function cookieJar(publicUrl: string) {
  const secure = publicUrl.startsWith('https:')
  const prefix = secure ? '__Host-' : ''
  const sessionName = `${prefix}mindfuse_session`
  const returnToName = `${prefix}mindfuse_return_to`
  const options = { path: '/', httpOnly: true, secure, sameSite: 'lax' } as const

  return {
    sessionName,
    returnToName,
    setSession: (reply: FastifyReply, session: SessionCookie) =>
      reply.setCookie(sessionName, session.token, { ...options, expires: session.expiresAt }),
    clearSession: (reply: FastifyReply) => reply.clearCookie(sessionName, options),
    setReturnTo: (reply: FastifyReply, returnTo: string) =>
      reply.setCookie(returnToName, returnTo, { ...options, maxAge: SIGN_IN_TTL_SECONDS }),
    clearReturnTo: (reply: FastifyReply) => reply.clearCookie(returnToName, options),
  }
}
