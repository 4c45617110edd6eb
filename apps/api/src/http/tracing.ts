import {
  parseTraceparent,
  SPAN_KINDS,
  type Span,
  type TraceContext,
  type Tracer,
} from '@mindfuse/service-kit'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where requests are traced, this one's place in its trace. */
    trace: TraceContext | undefined
  }
}

/**
 * Makes a span of each request. A `traceparent` counts where a gateway or a proxy of ours sent it:
 * strangers do not decide what is recorded.
 */
export function registerTracing(
  app: FastifyInstance,
  { tracer, isBehindProxy }: { tracer: Tracer | undefined; isBehindProxy: boolean },
): void {
  app.decorateRequest('trace', undefined)
  if (!tracer) return
  const spans = new WeakMap<object, Span>()
  app.addHook('onRequest', (request, _reply, done) => {
    const { url = 'unknown' } = request.routeOptions
    const isBelieved = isBehindProxy || url.startsWith('/internal/')
    const span = tracer.start(`${request.method} ${url}`, {
      kind: SPAN_KINDS.SERVER,
      parent: isBelieved ? parseTraceparent(request.headers.traceparent) : undefined,
    })
    request.trace = span.context
    spans.set(request, span)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    spans.get(request)?.end({
      attributes: {
        'http.request.method': request.method,
        'http.route': request.routeOptions.url,
        'http.response.status_code': reply.statusCode,
        requestId: request.id,
      },
      ...(reply.statusCode >= 500 && { error: `${reply.statusCode}` }),
    })
    done()
  })
}
