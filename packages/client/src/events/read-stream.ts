import { errorOf, MindfuseError } from '../errors.ts'
import { createEventParser, type ServerSentEvent } from './event-parser.ts'

/** Longer than the server is ever silent, milliseconds: it comments every 15 seconds. */
const SILENCE_MS = 40_000

/** How a stream ended. */
export interface StreamEnd {
  /** Why it did not come about, or broke. */
  error?: unknown
  /** What the server gave as the reason. */
  code?: string | undefined
  /** How long the server asked to wait when it ended the stream, milliseconds. */
  retryMs?: number | undefined
}

/** Reads one event stream until it ends, however it does. Never rejects. */
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
  const silence = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENCE_MS)
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
      // The first says when to come back should the line break, which is spread here.
      if (hasBegun) retryMs = ms
    },
  })
  try {
    heard()
    const response = await fetch(url, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${accessToken}`,
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    })
    if (!response.ok) return { error: await errorOf(response) }
    if (!response.body) throw new TypeError('the answer has no body')
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { code, retryMs }
      heard()
      parse(decoder.decode(value, { stream: true }))
    }
  } catch (cause) {
    if (code !== undefined || retryMs !== undefined) return { code, retryMs }
    return { error: new MindfuseError('network_error', 'the event stream broke', { cause }) }
  } finally {
    clearTimeout(timer)
  }
}
