import fastifyOauth2, { type OAuth2Namespace } from '@fastify/oauth2'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { ApiError } from '../http/errors.ts'
import { pictureUrlOf } from './picture-url.ts'

/** How long the identity provider may take for one answer, milliseconds. */
const PROVIDER_TIMEOUT_MS = 5_000

/** Oldest id_token accepted: it is used in the second it was made. */
const MAX_ID_TOKEN_AGE = '10m'

/** Difference between the provider's clock and ours that is forgiven, seconds. */
const CLOCK_TOLERANCE_SECONDS = 60

/** How soon the provider's keys may be fetched again for a key id that is not known. */
const KEY_REFETCH_COOLDOWN_MS = 5_000

const ID_TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

/** Who signed in, as the identity provider vouches for. */
export interface Identity {
  /** The provider's stable, never reused id of the person. */
  subject: string
  email: string
  name: string | undefined
  pictureUrl: string | undefined
}

/** OpenID Connect sign-in, authorization code flow with PKCE. */
export interface IdentityProvider {
  /** Where to send the browser; sets the state and PKCE cookies on `reply`. */
  authorizationUrl(
    request: FastifyRequest,
    reply: FastifyReply,
    loginHint: string | undefined,
  ): Promise<string>
  /** Who came back. @throws ApiError where the callback does not prove it. */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity>
}

/** Settings of {@link createIdentityProvider}. */
export interface IdentityProviderOptions {
  issuer: string
  clientId: string
  clientSecret: string
  /** The callback route's public URL. */
  callbackUrl: string
  /** Whether that URL is https: cookies are then Secure and `__Host-` prefixed. */
  secureCookies: boolean
}

const metadataSchema = Type.Object({
  issuer: Type.String(),
  authorization_endpoint: Type.String(),
  token_endpoint: Type.String(),
  jwks_uri: Type.String(),
})

const idTokenClaimsSchema = Type.Object({
  sub: Type.String({ minLength: 1, maxLength: 255 }),
  email: Type.String({ minLength: 3, maxLength: 255 }),
  email_verified: Type.Boolean(),
  name: Type.Optional(Type.String({ maxLength: 255 })),
  picture: Type.Optional(Type.String({ maxLength: 2048 })),
})

interface Discovered {
  oauth2: OAuth2Namespace
  issuer: string
  keys: JWTVerifyGetKey
}

/**
 * Signs in at the provider that `issuer` names. Its metadata is fetched at the first sign-in, and
 * again after a failure, so the API starts and serves while the provider is unreachable.
 */
export function createIdentityProvider(options: IdentityProviderOptions): IdentityProvider {
  let discovering: Promise<Discovered> | undefined

  const discovered = (): Promise<Discovered> => {
    discovering ??= discover(options).catch((cause) => {
      discovering = undefined
      throw unavailable(cause)
    })
    return discovering
  }

  return {
    async authorizationUrl(request, reply, loginHint) {
      const { oauth2 } = await discovered()
      const url = new URL(await oauth2.generateAuthorizationUri(request, reply))
      if (loginHint !== undefined) url.searchParams.set('login_hint', loginHint)
      return url.href
    },

    async identify(request, reply) {
      const { oauth2, issuer, keys } = await discovered()
      const { token } = await oauth2
        .getAccessTokenFromAuthorizationCodeFlow(request, reply)
        .catch((error) => {
          throw exchangeError(error)
        })
      return verifyIdToken(token.id_token, { issuer, keys, audience: options.clientId })
    },
  }
}

async function discover(options: IdentityProviderOptions): Promise<Discovered> {
  const url = `${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(url, { signal: AbortSignal.timeout(PROVIDER_TIMEOUT_MS) })
  const metadata: unknown = await response.json()
  if (!Value.Check(metadataSchema, metadata)) throw new Error(`${url} is no OpenID metadata`)
  // OpenID Connect Discovery 4.3: or a provider could speak in another's name.
  if (metadata.issuer !== options.issuer) throw new Error(`${url} names another issuer`)
  return {
    oauth2: await buildOAuth2(options, metadata.authorization_endpoint, metadata.token_endpoint),
    issuer: metadata.issuer,
    keys: createRemoteJWKSet(new URL(metadata.jwks_uri), {
      timeoutDuration: PROVIDER_TIMEOUT_MS,
      cooldownDuration: KEY_REFETCH_COOLDOWN_MS,
    }),
  }
}

/**
 * @fastify/oauth2 wants the endpoints when its plugin is registered, which for the real app is
 * before the provider was asked. So it is registered on an app of its own that never listens; its
 * functions then act on the requests and replies of the real one.
 */
async function buildOAuth2(
  options: IdentityProviderOptions,
  authorizationEndpoint: string,
  tokenEndpoint: string,
): Promise<OAuth2Namespace> {
  const authorize = new URL(authorizationEndpoint)
  const token = new URL(tokenEndpoint)
  const holder = Fastify()
  await holder.register(fastifyOauth2, {
    name: 'oauth2',
    scope: ['openid', 'email', 'profile'],
    credentials: {
      client: { id: options.clientId, secret: options.clientSecret },
      auth: {
        authorizeHost: authorize.origin,
        authorizePath: authorize.pathname,
        tokenHost: token.origin,
        tokenPath: token.pathname,
      },
      http: { timeout: PROVIDER_TIMEOUT_MS },
      options: { authorizationMethod: 'body' },
    },
    callbackUri: options.callbackUrl,
    pkce: 'S256',
    cookie: { path: '/', secure: options.secureCookies, sameSite: 'lax' },
    hostPrefixedCookies: options.secureCookies,
  })
  return (holder as unknown as { oauth2: OAuth2Namespace }).oauth2
}

async function verifyIdToken(
  idToken: unknown,
  expected: { issuer: string; keys: JWTVerifyGetKey; audience: string },
): Promise<Identity> {
  if (typeof idToken !== 'string') throw refused('The identity provider sent no id_token')
  const { payload } = await jwtVerify(idToken, expected.keys, {
    // Google documents both forms of its issuer.
    issuer: [
      expected.issuer,
      expected.issuer.replace('https://accounts.google', 'accounts.google'),
    ],
    audience: expected.audience,
    algorithms: ID_TOKEN_ALGORITHMS,
    maxTokenAge: MAX_ID_TOKEN_AGE,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  }).catch((cause) => {
    throw refused('The id_token of the identity provider does not verify', cause)
  })
  if (!Value.Check(idTokenClaimsSchema, payload)) {
    throw refused('The id_token of the identity provider lacks who signed in')
  }
  if (!payload.email_verified) {
    throw new ApiError(403, 'email_not_verified', 'Verify your email with the provider first')
  }
  return {
    subject: payload.sub,
    email: payload.email,
    name: payload.name,
    pictureUrl: pictureUrlOf(payload.picture),
  }
}

/** Tells a stale or forged callback (the caller's side) from a provider that does not answer. */
function exchangeError(error: unknown): ApiError {
  const { message, output } = error as { message?: string; output?: { statusCode: number } }
  if (message === 'Invalid state') {
    return new ApiError(
      400,
      'oauth_state_invalid',
      'This sign-in did not start in this browser, or it took too long: start again',
    )
  }
  const status = output?.statusCode ?? 0
  return status >= 400 && status < 500
    ? refused('The identity provider did not accept the code', error)
    : unavailable(error)
}

function refused(detail: string, cause?: unknown): ApiError {
  return new ApiError(401, 'sign_in_refused', detail, { cause })
}

function unavailable(cause: unknown): ApiError {
  return new ApiError(
    503,
    'identity_provider_unavailable',
    'The identity provider cannot be reached: try again',
    { cause },
  )
}
