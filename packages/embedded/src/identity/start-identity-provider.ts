import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, json } from './answer.ts'
import { AuthorizationCodes } from './authorization-codes.ts'
import { authorize } from './authorize.ts'
import { listenOnLoopback } from './loopback-server.ts'
import { createSigningKey, type SigningKey } from './signing-key.ts'
import { exchangeCode } from './token.ts'

const MAX_BODY_BYTES = 16_384

const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** How to start. */
export interface IdentityProviderOptions {
  /** 0 picks a free one. */
  port: number
  /** Called with each request that failed through an internal error. */
  log?: (line: string) => void
}

/** A running identity provider. */
export interface IdentityProvider {
  /** `http://localhost:<port>`: the `OIDC_ISSUER` of those who trust it. */
  readonly issuer: string
  /** Stops listening and drops connections. */
  stop(): Promise<void>
}

/**
 * Starts an OpenID Connect provider that stands in for Google during development: it believes
 * everyone. Therefore it listens on the loopback interface alone and redirects to nowhere but
 * loopback hosts, so that it opens no deployment that others can reach, whatever the settings.
 *
 * @throws StartupError where the port is taken.
 */
export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider> {
  const key = await createSigningKey()
  let issuer = ''
  const codes = new AuthorizationCodes()

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = await answer(request, { issuer, key, codes }).catch(
      (error: unknown): Answer => {
        options.log?.(`${request.method} failed: ${error instanceof Error ? error.stack : error}`)
        return json(500, { error: 'server_error' })
      },
    )
    response.writeHead(status, { ...COMMON_HEADERS, ...headers }).end(body)
  }

  const server = await listenOnLoopback(
    (request, response) => void handle(request, response),
    options.port,
  )
  issuer = `http://localhost:${server.port}`
  return { issuer, stop: server.close }
}

async function answer(
  request: IncomingMessage,
  { issuer, key, codes }: { issuer: string; key: SigningKey; codes: AuthorizationCodes },
): Promise<Answer> {
  const [path, query = ''] = (request.url ?? '').split('?', 2)
  switch (`${request.method} ${path}`) {
    case 'GET /.well-known/openid-configuration':
      return json(200, discoveryDocument(issuer))
    case 'GET /jwks':
      return json(200, { keys: [key.publicJwk] })
    case 'GET /authorize':
      return authorize(new URLSearchParams(query), codes)
    case 'POST /token': {
      const body = await readBody(request)
      if (body === undefined) return { status: 413, headers: { connection: 'close' } }
      return exchangeCode(new URLSearchParams(body), request.headers.authorization, codes, {
        issuer,
        key,
      })
    }
    default:
      return json(404, { error: 'not_found' })
  }
}

/** OpenID Connect Discovery 1.0, section 3. */
function discoveryDocument(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code'],
    subject_types_supported: ['public'],
    scopes_supported: ['openid', 'email', 'profile'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    code_challenge_methods_supported: ['S256'],
    claims_supported: ['sub', 'email', 'email_verified', 'name'],
  }
}

/** Undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
