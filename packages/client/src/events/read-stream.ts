import { errorOf, MindfuseError } from '../errors.ts'
import { createEventParser, type ServerSentEvent } from './event-parser.ts'

/** A stream without data for this long is dead, milliseconds: the server comments every 15 seconds. */
const IDLE_TIMEOUT_MS = 40_000

/** How a stream ended. */
export interface StreamEnd {
  /** Why it failed. */
  error?: unknown
  /** The server's reason. */
  code?: string | undefined
  /** The reconnect delay that the server asked for when it ended the stream, milliseconds. */
  retryMs?: number | undefined
}

/** Reads one event stream until it ends. Never rejects. */
export async function readStream(options: {
  url: string
  accessToken: string
  lastEventId: string | undefined
  fetch: typeof globalThis.fetch
  signal: AbortSignal
  event: (event: ServerSentEvent) => void
  id: (id: string) => void
}): Promise<StreamEnd> {
  const { url, accessToken, lastEventId, fetch, signal, event, id } = options
  const idle = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const restartTimer = () => {
    clearTimeout(timer)
    timer = setTimeout(() => idle.abort(), IDLE_TIMEOUT_MS)
  }
  let hasBegun = false
  let code: string | undefined
  let retryMs: number | undefined
  const parse = createEventParser({
    event(received) {
      hasBegun = true
      if (received.name === 'error') code = JSON.parse(received.data).code
      else event(received)
    },
    id,
    retry(ms) {
      // The first is for a lost connection, whose reconnects the SDK spreads itself.
      if (hasBegun) retryMs = ms
    },
  })
  try {
    restartTimer()
    const response = await fetch(url, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${accessToken}`,
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
      cache: 'no-store',
      signal: AbortSignal.any([signal, idle.signal]),
    })
    if (!response.ok) return { error: await errorOf(response) }
    if (!response.body) throw new TypeError('The event stream has no body')
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { code, retryMs }
      restartTimer()
      parse(decoder.decode(value, { stream: true }))
    }
  } catch (cause) {
    if (code !== undefined || retryMs !== undefined) return { code, retryMs }
    return {
      error: new MindfuseError('network_error', 'The event stream was interrupted', { cause }),
    }
  } finally {
    clearTimeout(timer)
  }
}
