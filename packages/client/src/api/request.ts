import type { Routes } from './routes.ts'
import type { Send } from './send.ts'

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
  /**
   * The request starts at once, with the token at hand, and goes on when the page is left. Bodies of all such
   * requests together may have 64 KiB.
   */
  keepalive?: boolean
}

/** An input without required fields may be omitted. */
type Rest<Name extends Route> =
  Record<never, never> extends Input<Name>
    ? [input?: Input<Name>, options?: RequestOptions]
    : [input: Input<Name>, options?: RequestOptions]

/** Calls a route. @throws MindfuseError */
export type Request = <Name extends Route>(route: Name, ...rest: Rest<Name>) => Promise<Reply<Name>>

interface AnyInput {
  path?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
}

/** Creates the function that calls the routes of the API. */
export function createRequest(send: Send): Request {
  return async (route, ...[input = {}, options = {}]) => {
    const { path, query, body } = input as AnyInput
    const { signal, idempotencyKey, keepalive } = options
    const [method = '', pattern = ''] = route.split(' ')
    const response = await send({
      method,
      path: `${fill(pattern, path)}${queryOf(query)}`,
      headers: {
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...contentType(body),
      },
      body: body === undefined ? undefined : encode(body),
      signal,
      keepalive,
    })
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
  if (body instanceof Blob) return { 'content-type': body.type }
  const isBytes = body instanceof Uint8Array
  return { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }
}

function encode(body: unknown): BodyInit {
  if (body instanceof Blob) return body
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body)
}

async function decode(response: Response): Promise<unknown> {
  // 202 without a body: done, and other servers are about to learn of it.
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined
  const type = response.headers.get('content-type') ?? ''
  // Not of lines of JSON, which are a file.
  if (/\bjson\b/.test(type)) return response.json()
  return new Uint8Array(await response.arrayBuffer())
}
