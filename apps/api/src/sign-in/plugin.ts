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
  const { transact, accessTokens, presentUser, rateLimit, publicUrl, webOrigins } = infrastructure
  const { cookies, guestCookies } = infrastructure
  const providers = new Map(
    infrastructure.identityProviders.map((settings) => {
      const { id, key } = settings
      const callbackUrl = `${publicUrl}/api/auth/${id}/callback`
      return [id, { key, client: createIdentityProvider({ ...settings, callbackUrl }) }]
    }),
  )
  const [only, ...others] = providers.keys()
  const signIn = createSignIn({ transact, accessTokens, presentUser })
  const pending = createPendingSignIns(publicUrl)
  const aliases = loopbackAliases(publicUrl)

  const findProvider = (id: string) => {
    const provider = providers.get(id)
    if (provider) return provider
    throw new ApiError(404, 'provider_not_found', 'Nobody signs in with this identity provider')
  }

  app.get(
    '/api/auth/providers',
    {
      schema: operation('listProviders', 'List the identity providers', {
        description: 'With whom people sign in, in the order in which they are shown.',
        response: { 200: schemas.providersSchema },
      }),
    },
    async () => ({
      items: infrastructure.identityProviders.map(({ id, name }) => ({ id, name })),
    }),
  )

  app.get(
    '/api/auth/sign-in',
    {
      schema: operation('chooseSignIn', 'Start sign-in with any provider', {
        description:
          'Redirects to the start of sign-in with the identity provider, or where there are several to the page of the web app on which people choose one.',
        querystring: schemas.startQuerySchema,
        response: { 302: schemas.redirectSchema },
      }),
    },
    async (request, reply) => {
      rateLimit(request, reply, 'signIn', request.ip)
      reply.header('cache-control', 'no-store')
      const query = new URLSearchParams(request.query)
      if (others.length === 0) return reply.redirect(`/api/auth/${only}?${query}`)
      return reply.redirect(`${webOrigins[0]}/sign-in?${query}`)
    },
  )

  app.get(
    '/api/auth/:provider',
    {
      schema: operation('startSignIn', 'Start sign-in', {
        description: 'Redirects to the identity provider.',
        params: schemas.providerParamsSchema,
        querystring: schemas.startQuerySchema,
        response: { 302: schemas.redirectSchema },
      }),
    },
    async (request, reply) => {
      const { provider } = request.params
      const { client } = findProvider(provider)
      rateLimit(request, reply, 'signIn', request.ip)
      reply.header('cache-control', 'no-store')
      // The callback is at the public URL, and would not receive the cookies of another host.
      if (aliases.includes(request.host)) return reply.redirect(publicUrl + request.url)
      const { login_hint: loginHint, prompt, returnTo } = request.query
      const { state, codeVerifier } = pending.start(request, reply, { provider, returnTo })
      const start = { state, codeVerifier, loginHint, prompt }
      return reply.redirect(await client.authorizationUrl(start))
    },
  )

  app.get(
    '/api/auth/:provider/callback',
    {
      schema: operation('finishSignIn', 'Finish sign-in', {
        description:
          'The identity provider redirects here. Sets the session cookie. A browser receives a refusal as a page.',
        params: schemas.providerParamsSchema,
        querystring: schemas.callbackQuerySchema,
        response: { 200: schemas.signInSchema, 302: schemas.redirectSchema },
      }),
    },
    async (request, reply) => {
      const { provider } = request.params
      const { client, key } = findProvider(provider)
      rateLimit(request, reply, 'signIn', request.ip)
      reply.header('cache-control', 'no-store')
      const { code, error, state } = request.query
      const start = pending.take(request, reply, { provider, state })
      if (error !== undefined) {
        throw new ApiError(401, 'sign_in_refused', 'The sign-in was cancelled or refused')
      }
      if (!start || code === undefined) throw unknownStart()
      const { codeVerifier, returnTo } = start
      const identity = await client.identify({ code, codeVerifier })
      const guestToken = guestCookies.read(request)
      const { user, session, access } = await signIn(
        { ...identity, provider: key },
        clientOf(request),
        guestToken,
      )
      cookies.set(reply, session)
      if (guestToken !== undefined) guestCookies.clear(reply)
      if (request.headers.accept?.includes('application/json')) {
        return { accessToken: access.accessToken, expiresAt: access.expiresAt.toISOString(), user }
      }
      return reply.redirect(resolveReturnTo(returnTo, webOrigins[0]))
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
