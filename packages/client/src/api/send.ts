import type { Tokens } from '../auth/tokens.ts'
import { errorOf, MindfuseError } from '../errors.ts'

/** How long a response may take, milliseconds. */
export const REQUEST_TIMEOUT_MS = 30_000

/** A request to the API. */
export interface Sending {
  method: string
  /** From the API's address, with the query. */
  path: string
  headers?: Record<string, string>
  body?: BodyInit | undefined
  signal?: AbortSignal | undefined
  timeoutMs?: number
  /** It is sent at once where there is a token, and goes on when the page is left. */
  keepalive?: boolean | undefined
  /** In place of the client's. */
  fetch?: typeof globalThis.fetch | undefined
}

/** Sends a request with the client's token. @throws MindfuseError also where the answer is other than 2xx */
export type Send = (sending: Sending) => Promise<Response>

/** Creates the function that all requests of a client go through. */
export function createSend(deps: {
  apiUrl: string
  tokens: Tokens
  fetch: typeof globalThis.fetch
}): Send {
  const { apiUrl, tokens } = deps

  const attempt = async (sending: Sending): Promise<Response> => {
    const { method, path, headers, body, signal, timeoutMs = REQUEST_TIMEOUT_MS } = sending
    const { fetch = deps.fetch, keepalive = false } = sending
    // Nothing is awaited before it: a page that is being left runs this turn and no other.
    const accessToken = (keepalive ? tokens.held : undefined) ?? (await tokens.get())
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, ...headers },
      ...(body !== undefined && { body }),
      ...(keepalive && { keepalive }),
      signal: withTimeout(signal, timeoutMs),
    }).catch((cause) => {
      if (signal?.aborted) throw cause
      throw noAnswer(cause)
    })
    if (response.status === 401) tokens.reject(accessToken)
    return response
  }

  return async (sending) => {
    let response = await attempt(sending)
    // The token was rejected, so nothing happened: retry with a new one.
    if (response.status === 401) response = await attempt(sending)
    if (!response.ok) throw await errorOf(response)
    return response
  }
}

/** The error where a request had no answer. */
export function noAnswer(cause: unknown): MindfuseError {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError'
  return isLate
    ? new MindfuseError('timeout', 'The API did not answer in time', { cause })
    : new MindfuseError('network_error', 'The API cannot be reached', { cause })
}

/** A signal that also ends what takes too long. */
export function withTimeout(signal: AbortSignal | undefined, ms = REQUEST_TIMEOUT_MS): AbortSignal {
  const timeout = AbortSignal.timeout(ms)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}
