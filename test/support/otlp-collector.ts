import { createServer, type IncomingHttpHeaders } from 'node:http'
import { resolvePort } from '@mindfuse/service-kit'

/** A span, as the tests read it. */
export interface ReceivedSpan {
  service: string
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  /** Milliseconds. */
  duration: number
  attributes: Record<string, unknown>
}

/** A collector of traces, OTLP over HTTP in JSON. */
export interface Collector {
  endpoint: string
  spans: ReceivedSpan[]
  /** The headers of each request. */
  headers: IncomingHttpHeaders[]
  stop(): Promise<void>
}

/** Starts one on a free port. */
export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = []
  const headers: IncomingHttpHeaders[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    headers.push(request.headers)
    const isTraces = request.method === 'POST' && request.url === '/v1/traces'
    if (isTraces) spans.push(...decode(JSON.parse(Buffer.concat(chunks).toString())))
    response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
  })
  const port = await resolvePort(0, '127.0.0.1')
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    headers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function decode(body: any): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ spans }: any) =>
      spans.map((span: any) => ({
        ...span,
        service: decodeAttributes(resource.attributes)['service.name'],
        duration: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        attributes: decodeAttributes(span.attributes),
      })),
    ),
  )
}

function decodeAttributes(attributes: any[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
