import type { Tokens } from '../auth/tokens.ts'
import { errorOf, MindfuseError } from '../errors.ts'
import type { Routes } from './routes.ts'

/** A route of the API, as in `PATCH /api/boards/{boardId}`. */
export type Route = keyof Routes

/** What a route takes: `path`, `query` and `body`, as far as it has them. */
export type Input<Name extends Route> = Routes[Name]['input']

/** What a route answers. */
export type Reply<Name extends Route> = Routes[Name]['reply']

/** How a request is made. */
export interface RequestOptions {
  /** Ends the request early. */
  signal?: AbortSignal
  /** A `POST` that is repeated with the same key is done once. */
  idempotencyKey?: string
}

/** The input may be left out where all of it may. */
type Rest<Name extends Route> =
  Record<never, never> extends Input<Name>
    ? [input?: Input<Name>, options?: RequestOptions]
    : [input: Input<Name>, options?: RequestOptions]

/** Calls a route. @throws MindfuseError */
export type Request = <Name extends Route>(route: Name, ...rest: Rest<Name>) => Promise<Reply<Name>>

/** How long an answer may take, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000

interface AnyInput {
  path?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
}

/** Makes the function that calls the API with the client's token. */
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
        ? new MindfuseError('timeout', 'the API did not answer in time', { cause })
        : new MindfuseError('network_error', 'the API cannot be reached', { cause })
    })
    if (response.status === 401) tokens.reject(accessToken)
    return response
  }

  return async (route, ...[input = {}, options = {}]) => {
    let response = await send(route, input, options)
    // The token was not taken, so that nothing was done: once more with a new one.
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
  if (response.status === 204) return undefined
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('json')) return response.json()
  return new Uint8Array(await response.arrayBuffer())
}

function withTimeout(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}
