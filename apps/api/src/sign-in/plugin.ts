import { cookieOptions } from '../auth/session-cookie.ts'
import { clientOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { createIdentityProvider } from './identity-provider.ts'
import { resolveReturnTo } from './return-to.ts'
import * as schemas from './schemas.ts'
import { createSignIn } from './service.ts'

/** How long a sign-in may take from start to callback, seconds. */
const SIGN_IN_TTL_SECONDS = 10 * 60

/** How long others may keep the public keys, seconds. */
export const JWKS_MAX_AGE_SECONDS = 300

/** Sign-in, and the public keys that verify the access tokens it ends in. */
export async function signInPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { db, accessTokens, cookies, rateLimit, publicUrl } = infrastructure
  const { name: provider, ...client } = infrastructure.identityProvider
  const identityProvider = createIdentityProvider({
    ...client,
    callbackUrl: `${publicUrl}/api/auth/google/callback`,
    secureCookies: publicUrl.startsWith('https:'),
  })
  const signIn = createSignIn({ db, accessTokens, provider })
  const { prefix, options } = cookieOptions(publicUrl)
  const returnToCookie = `${prefix}mindfuse_return_to`

  app.get(
    '/api/auth/google',
    {
      schema: operation('startSignIn', 'Start sign-in', {
        description: 'Redirects to the identity provider.',
        querystring: schemas.startQuerySchema,
        response: { 302: schemas.redirectSchema },
      }),
    },
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
      schema: operation('finishSignIn', 'Finish sign-in', {
        description: 'The identity provider redirects here. Sets the session cookie.',
        querystring: schemas.callbackQuerySchema,
        response: { 200: schemas.signInSchema, 302: schemas.redirectSchema },
      }),
    },
    async (request, reply) => {
      rateLimit(request, reply, 'signIn', request.ip)
      const returnTo = request.cookies[returnToCookie]
      reply.clearCookie(returnToCookie, options).header('cache-control', 'no-store')
      if (request.query.error !== undefined) {
        throw new ApiError(401, 'sign_in_refused', 'The identity provider refused the sign-in')
      }
      const identity = await identityProvider.identify(request, reply)
      const { user, session, access } = await signIn(identity, clientOf(request))
      cookies.set(reply, session)
      if (request.headers.accept?.includes('application/json')) {
        return { accessToken: access.accessToken, expiresAt: access.expiresAt.toISOString(), user }
      }
      return reply.redirect(resolveReturnTo(returnTo, infrastructure.webOrigins[0]))
    },
  )

  app.get(
    '/.well-known/jwks.json',
    {
      schema: operation('getJwks', 'Get the public keys that verify access tokens', {
        response: { 200: schemas.jwksSchema },
      }),
    },
    async (_request, reply) => {
      reply.header('cache-control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`)
      return { keys: accessTokens.publicKeys() }
    },
  )
}
