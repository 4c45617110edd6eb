import http from 'node:http'
import https from 'node:https'

/** What a request is made of. */
export interface HttpRequest {
  path: string
  /** How long the whole answer may take, milliseconds. */
  timeoutMs: number
  /** The span it belongs to, in the form of W3C's Trace Context. */
  traceparent?: string
  /** Its presence makes the request a POST. */
  body?: { type: string; bytes: Uint8Array }
}

/** An answer that has come whole. */
export interface HttpAnswer {
  status: number
  body: Buffer
}

/** Sends a request. Rejects where no whole answer comes in time. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>

/**
 * Requests to one origin over connections that are kept. `fetch` was measured at 0.5 ms of CPU for a
 * small request, streams and signals included, which a busy gateway makes 50 times a second.
 *
 * A request whose kept connection turns out to be closed is sent again, once, so all of them must
 * bear being done twice.
 *
 * @param options.url the origin
 */
export function createHttpClient(options: { url: string; authorization: string }): HttpClient {
  const { protocol, hostname, port } = new URL(options.url)
  const transport = protocol === 'https:' ? https : http
  const agent = new transport.Agent({ keepAlive: true })
  const target = { agent, hostname: hostname.replace(/^\[|\]$/g, ''), port }

  const send = (request: HttpRequest, isRepeated: boolean): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const { path, timeoutMs, traceparent, body } = request
      const headers: http.OutgoingHttpHeaders = { authorization: options.authorization }
      if (traceparent) headers.traceparent = traceparent
      if (body) {
        headers['content-type'] = body.type
        headers['content-length'] = body.bytes.length
      }
      const sent = transport.request({
        ...target,
        // Where one kept connection was closed the others are, too.
        ...(isRepeated && { agent: false }),
        path,
        headers,
        method: body ? 'POST' : 'GET',
      })
      const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), timeoutMs)
      sent.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer)
        const wasClosed = sent.reusedSocket && error.code === 'ECONNRESET'
        if (wasClosed && !isRepeated) resolve(send(request, true))
        else reject(error)
      })
      sent.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        // It broke off, or took too long.
        response.on('error', (error) => {
          clearTimeout(timer)
          reject(error)
        })
        response.on('end', () => {
          clearTimeout(timer)
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) })
        })
      })
      sent.end(body?.bytes)
    })

  return (request) => send(request, false)
}
