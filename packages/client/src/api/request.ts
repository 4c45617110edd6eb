import type { Tokens } from '../auth/tokens.ts'
import { errorOf, MindfuseError } from '../errors.ts'
import type { Routes } from './routes.ts'

/** A route of the API, such as `PATCH /api/boards/{boardId}`. */
export type Route = keyof Routes

/** The input of a route: its `path`, `query` and `body`. */
export type Input<Name extends Route> = Routes[Name]['input']

/** The response of a route. */
export type Reply<Name extends Route> = Routes[Name]['reply']

/** Options of a request. */
export interface RequestOptions {
  /** Aborts the request. */
  signal?: AbortSignal
  /** A `POST` that is repeated with the same key takes effect once. */
  idempotencyKey?: string
}

/** An input without required fields may be omitted. */
type Rest<Name extends Route> =
  Record<never, never> extends Input<Name>
    ? [input?: Input<Name>, options?: RequestOptions]
    : [input: Input<Name>, options?: RequestOptions]

/** Calls a route. @throws MindfuseError */
export type Request = <Name extends Route>(route: Name, ...rest: Rest<Name>) => Promise<Reply<Name>>

/** How long a response may take, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000

interface AnyInput {
  path?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
}

/** Creates the function that calls the API with the client's token. */
export function createRequest(deps: {
  apiUrl: string
  tokens: Tokens
  fetch: typeof globalThis.fetch
}): Request {
  const { apiUrl, tokens, fetch } = deps

  const send = async (
    route: string,
    input: AnyInput,
    options: RequestOptions,
  ): Promise<Response> => {
    const [method = '', pattern = ''] = route.split(' ')
    const accessToken = await tokens.get()
    const response = await fetch(`${apiUrl}${fill(pattern, input.path)}${queryOf(input.query)}`, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
        ...contentType(input.body),
      },
      ...(input.body !== undefined && { body: encode(input.body) }),
      signal: withTimeout(options.signal),
    }).catch((cause) => {
      if (options.signal?.aborted) throw cause
      const isLate = cause instanceof Error && cause.name === 'TimeoutError'
      throw isLate
        ? new MindfuseError('timeout', 'The API did not answer in time', { cause })
        : new MindfuseError('network_error', 'The API cannot be reached', { cause })
    })
    if (response.status === 401) tokens.reject(accessToken)
    return response
  }

  return async (route, ...[input = {}, options = {}]) => {
    let response = await send(route, input, options)
    // The token was rejected, so nothing happened: retry with a new one.
    if (response.status === 401) response = await send(route, input, options)
    if (!response.ok) throw await errorOf(response)
    return (await decode(response)) as never
  }
}

function fill(pattern: string, path: Record<string, string> = {}): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''))
}

function queryOf(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

function contentType(body: unknown): Record<string, string> {
  if (body === undefined) return {}
  const isBytes = body instanceof Uint8Array
  return { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }
}

function encode(body: unknown): BodyInit {
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body)
}

async function decode(response: Response): Promise<unknown> {
  // 202 without a body: done, and other servers are about to learn of it.
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('json')) return response.json()
  return new Uint8Array(await response.arrayBuffer())
}

function withTimeout(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}
