import { Agent, request } from 'node:http'

/** Sockets stay open between requests, as many as it takes. */
const agent = new Agent({ keepAlive: true, scheduling: 'fifo' })

/** An answer as it came. */
export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Sends a request as it is written: no path is normalized, any method may have any body. */
export function send(
  origin: string,
  options: {
    method: string
    path: string
    headers?: Record<string, string>
    body?: string | Buffer | undefined
  },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  const { method, path, headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        hostname,
        port,
        method,
        path,
        headers: {
          ...headers,
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      },
    )
    // After a refusal that came early, what is left of the body may find the line closed.
    sent.on('error', reject)
    sent.end(body)
  })
}
