import { type HttpAnswer, HttpConnection, StaleConnectionError } from './http-connection.ts'

/** Most idle connections that are kept. */
const MAX_IDLE_CONNECTIONS = 256

/** A request. */
export interface HttpRequest {
  path: string
  /** How long it may take until the next bytes are sent or received, milliseconds. */
  timeoutMs: number
  /** The span it belongs to, as a W3C `traceparent`. */
  traceparent?: string
  /** Its presence makes the request a POST. */
  body?: { type: string; bytes: Uint8Array }
}

/** Sends a request. Rejects if nothing moves for too long. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>

/**
 * Requests to one origin over keep-alive connections. Written for this one use, because a gateway makes
 * some 50 requests a second all the time, and Node's own client costs twice the CPU at that pace
 * (docs/PERFORMANCE.md).
 *
 * A request whose idle connection turns out to be closed is sent again, once, so every request must be
 * idempotent.
 *
 * @param options.url the origin
 */
export function createHttpClient(options: { url: string; authorization: string }): HttpClient {
  const origin = new URL(options.url)
  const common = `host: ${origin.host}\r\nauthorization: ${options.authorization}\r\n`
  let idle: HttpConnection[] = []

  const open = () => {
    const connection: HttpConnection = new HttpConnection(origin, () => {
      idle = idle.filter((other) => other !== connection)
    })
    return connection
  }

  const send = async (
    connection: HttpConnection,
    { path, timeoutMs, traceparent, body }: HttpRequest,
  ): Promise<HttpAnswer> => {
    const head = writeHead(path, common, traceparent, body)
    const answer = await connection.request(head, body?.bytes, timeoutMs)
    if (connection.isOpen && idle.length < MAX_IDLE_CONNECTIONS) idle.push(connection)
    else connection.close()
    return answer
  }

  return async (request) => {
    const kept = idle.pop()
    if (!kept) return send(open(), request)
    try {
      return await send(kept, request)
    } catch (error) {
      // If one idle connection was closed the others are, too.
      if (error instanceof StaleConnectionError) return send(open(), request)
      throw error
    }
  }
}

/** @throws Error for a value that would end a header line */
function writeHead(
  path: string,
  common: string,
  traceparent: string | undefined,
  body: HttpRequest['body'],
): string {
  let head = `${body ? 'POST' : 'GET'} ${path} HTTP/1.1\r\n${common}`
  if (traceparent) head += `traceparent: ${traceparent}\r\n`
  if (body) head += `content-type: ${body.type}\r\ncontent-length: ${body.bytes.length}\r\n`
  if (!isPlain(path) || !isPlain(traceparent ?? '')) throw new Error('no path of a request')
  return `${head}\r\n`
}

/** Whether a text is visible ASCII only. */
function isPlain(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text)
}
