import type { FastifyReply, FastifyRequest } from 'fastify'
import { createThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { requireWorkspace } from '../workspaces/access.ts'
import { createStreamAuthenticate } from './authenticate.ts'
import { eventStreamQuerySchema, eventStreamSchema } from './schemas.ts'
import { EventStreams, RETRY_AFTER_SECONDS, type StreamTimes } from './service.ts'

/** The media type of a stream, and that no proxy may cache or buffer it. */
const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // nginx buffers responses otherwise.
  'x-accel-buffering': 'no',
  // The stream ends with its connection: RFC 9112, section 6.3.
  connection: 'close',
}

/** `GET /api/events`: what changes in the caller's lists, as it changes. */
export async function eventPlugin(
  app: App,
  infrastructure: Infrastructure & { streamTimes: Partial<StreamTimes> | undefined },
): Promise<void> {
  const { db, sharedState, log, registry, streamTimes } = infrastructure
  const streams = new EventStreams({
    db,
    events: sharedState.events,
    log,
    registry,
    addresses: createThumbnailAddresses(infrastructure),
    times: streamTimes,
  })
  app.addHook('preClose', () => streams.stop())

  app.get(
    '/api/events',
    {
      config: { isLong: true },
      onRequest: createStreamAuthenticate(infrastructure),
      // A stream has nothing but its events.
      exposeHeadRoute: false,
      schema: operation('streamEvents', 'Receive changes of your lists as server-sent events', {
        querystring: eventStreamQuerySchema,
        response: { 200: eventStreamSchema },
        security: [{ accessToken: [] }],
      }),
    },
    async (request, reply) => {
      const { workspaceId, lastEventId } = request.query
      const { user, sessionId, authenticatedUntil } = request
      if (workspaceId !== undefined) await requireWorkspace(db, user.id, workspaceId, 'read')
      const refusal = streams.refusalOf(user.id)
      if (refusal) {
        reply.header('retry-after', RETRY_AFTER_SECONDS)
        throw refusal
      }
      const response = begin(reply)
      // An empty one means that nothing is known.
      const id = lastEventIdOf(request) || lastEventId || undefined
      streams.open(
        { userId: user.id, sessionId, workspaceId, authenticatedUntil },
        response,
        id === undefined ? undefined : { id },
      )
    },
  )
}

/** Takes the answer out of Fastify's hands, with the headers that its hooks have set. */
function begin(reply: FastifyReply) {
  reply.hijack()
  // Without chunks, the same bytes go to all sockets as they are, each with one write.
  reply.raw.removeHeader('transfer-encoding')
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...STREAM_HEADERS })
  return reply.raw
}

/** A browser's `EventSource` sends this header when it comes back. */
function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['last-event-id']
  return Array.isArray(header) ? header[0] : header
}
