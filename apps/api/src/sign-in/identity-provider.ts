import { createHash } from 'node:crypto'
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { ApiError } from '../http/errors.ts'
import { pictureUrlOf } from './picture-url.ts'

/** How long the identity provider may take for one answer, milliseconds. */
const PROVIDER_TIMEOUT_MS = 5_000

/** When to try again where the provider cannot be reached, seconds. */
const RETRY_AFTER_SECONDS = 5

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
  /** Whether the provider is trusted to know whose that is, and says that it does. */
  emailVerified: boolean
  name: string | undefined
  pictureUrl: string | undefined
}

/** OpenID Connect sign-in, authorization code flow with PKCE. */
export interface IdentityProvider {
  /** Where to send the browser. */
  authorizationUrl(start: {
    state: string
    codeVerifier: string
    loginHint: string | undefined
    prompt: 'select_account' | undefined
  }): Promise<string>
  /** Who returned with a code. @throws ApiError where it does not prove that */
  identify(grant: { code: string; codeVerifier: string }): Promise<Identity>
}

/** Settings of {@link createIdentityProvider}. */
export interface IdentityProviderOptions {
  issuer: string
  clientId: string
  clientSecret: string
  /** Whether what it says of an email counts; then nobody signs in with one that is not verified. */
  trustEmail: boolean
  /** The callback route's public URL. */
  callbackUrl: string
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
  email_verified: Type.Optional(Type.Boolean()),
  name: Type.Optional(Type.String({ maxLength: 255 })),
  picture: Type.Optional(Type.String({ maxLength: 2048 })),
})

/** What a token endpoint answers, as far as it is read. */
const tokensSchema = Type.Object({ id_token: Type.String() })

interface Discovered {
  issuer: string
  authorizationEndpoint: string
  tokenEndpoint: string
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
    async authorizationUrl({ state, codeVerifier, loginHint, prompt }) {
      const { authorizationEndpoint } = await discovered()
      const url = new URL(authorizationEndpoint)
      const parameters = {
        response_type: 'code',
        client_id: options.clientId,
        redirect_uri: options.callbackUrl,
        scope: 'openid email profile',
        state,
        code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(loginHint !== undefined && { login_hint: loginHint }),
        ...(prompt !== undefined && { prompt }),
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },

    async identify(grant) {
      const { tokenEndpoint, issuer, keys } = await discovered()
      const idToken = await redeem(tokenEndpoint, grant, options)
      const { clientId: audience, trustEmail } = options
      return verifyIdToken(idToken, { issuer, keys, audience, trustEmail })
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
    issuer: metadata.issuer,
    authorizationEndpoint: metadata.authorization_endpoint,
    tokenEndpoint: metadata.token_endpoint,
    keys: keysAt(new URL(metadata.jwks_uri)),
  }
}

/** The provider's keys. That they cannot be fetched says nothing against who signs in. */
function keysAt(url: URL): JWTVerifyGetKey {
  const find = createRemoteJWKSet(url, {
    timeoutDuration: PROVIDER_TIMEOUT_MS,
    cooldownDuration: KEY_REFETCH_COOLDOWN_MS,
  })
  return (header, token) =>
    find(header, token).catch((cause: unknown) => {
      throw isUnreachable(cause) ? unavailable(cause) : cause
    })
}

/** Whether fetching keys failed: without an answer, with another than 200, or with one that is no JSON. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true
  return error.code === errors.JWKSTimeout.code || error.code === errors.JOSEError.code
}

/** Exchanges a code for an id_token (RFC 6749, section 4.1.3). @throws ApiError 401 or 503 */
async function redeem(
  tokenEndpoint: string,
  { code, codeVerifier }: { code: string; codeVerifier: string },
  { clientId, clientSecret, callbackUrl }: IdentityProviderOptions,
): Promise<string> {
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: callbackUrl,
      client_id: clientId,
      client_secret: clientSecret,
    }),
    // The request holds the secret: it goes nowhere else.
    redirect: 'error',
    signal: AbortSignal.timeout(PROVIDER_TIMEOUT_MS),
  }).catch((cause) => {
    throw unavailable(cause)
  })
  if (response.status >= 500) throw unavailable(new Error(`token endpoint: ${response.status}`))
  const tokens: unknown = await response.json().catch((cause) => {
    throw unavailable(cause)
  })
  if (!response.ok) throw refused('The identity provider did not accept the code', tokens)
  if (!Value.Check(tokensSchema, tokens)) throw refused('The identity provider sent no id_token')
  return tokens.id_token
}

async function verifyIdToken(
  idToken: string,
  expected: { issuer: string; keys: JWTVerifyGetKey; audience: string; trustEmail: boolean },
): Promise<Identity> {
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
    if (cause instanceof ApiError) throw cause
    throw refused('The id_token of the identity provider does not verify', cause)
  })
  if (!Value.Check(idTokenClaimsSchema, payload)) {
    throw refused('The id_token of the identity provider lacks who signed in')
  }
  if (expected.trustEmail && payload.email_verified !== true) {
    throw new ApiError(403, 'email_not_verified', 'Verify your email with the provider first')
  }
  return {
    subject: payload.sub,
    email: payload.email,
    emailVerified: expected.trustEmail,
    name: payload.name,
    pictureUrl: pictureUrlOf(payload.picture),
  }
}

function refused(detail: string, cause?: unknown): ApiError {
  return new ApiError(401, 'sign_in_refused', detail, { cause })
}

function unavailable(cause: unknown): ApiError {
  return new ApiError(
    503,
    'identity_provider_unavailable',
    'The identity provider cannot be reached: try again',
    { cause, retryAfterSeconds: RETRY_AFTER_SECONDS },
  )
}
