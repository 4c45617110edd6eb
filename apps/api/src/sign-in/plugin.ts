import { clientOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { loopbackAliases } from '../http/loopback-aliases.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { createIdentityProvider } from './identity-provider.ts'
import { createPendingSignIns } from './pending-sign-ins.ts'
import { resolveReturnTo } from './return-to.ts'
import * as schemas from './schemas.ts'
import { createSignIn } from './service.ts'

/** How long others may keep the public keys, seconds. */
export const JWKS_MAX_AGE_SECONDS = 300

/** Sign-in, and the public keys that verify the access tokens it ends in. */
export async function signInPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const { transact, accessTokens, presentUser, cookies, rateLimit, publicUrl } = infrastructure
  const { name: provider, ...client } = infrastructure.identityProvider
  const identityProvider = createIdentityProvider({
    ...client,
    callbackUrl: `${publicUrl}/api/auth/google/callback`,
  })
  const signIn = createSignIn({ transact, accessTokens, presentUser, provider })
  const pending = createPendingSignIns(publicUrl)
  const aliases = loopbackAliases(publicUrl)

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
      reply.header('cache-control', 'no-store')
      // The callback is at the public URL, and would not receive the cookies of another host.
      if (aliases.includes(request.host)) return reply.redirect(publicUrl + request.url)
      const { login_hint: loginHint, prompt, returnTo } = request.query
      const { state, codeVerifier } = pending.start(request, reply, returnTo)
      const start = { state, codeVerifier, loginHint, prompt }
      return reply.redirect(await identityProvider.authorizationUrl(start))
    },
  )

  app.get(
    '/api/auth/google/callback',
    {
      schema: operation('finishSignIn', 'Finish sign-in', {
        description:
          'The identity provider redirects here. Sets the session cookie. A browser receives a refusal as a page.',
        querystring: schemas.callbackQuerySchema,
        response: { 200: schemas.signInSchema, 302: schemas.redirectSchema },
      }),
    },
    async (request, reply) => {
      rateLimit(request, reply, 'signIn', request.ip)
      reply.header('cache-control', 'no-store')
      const { code, error, state } = request.query
      const start = pending.take(request, reply, state)
      if (error !== undefined) {
        throw new ApiError(401, 'sign_in_refused', 'The sign-in was cancelled or refused')
      }
      if (!start || code === undefined) throw unknownStart()
      const { codeVerifier, returnTo } = start
      const identity = await identityProvider.identify({ code, codeVerifier })
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

function unknownStart(): ApiError {
  return new ApiError(
    400,
    'oauth_state_invalid',
    'This sign-in took too long, was already used, or did not start in this browser; start again',
  )
}
