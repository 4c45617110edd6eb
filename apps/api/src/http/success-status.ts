import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'

/** The `response` of a route that returns nothing: its handler is done when it resolves. */
export const NO_CONTENT = { 204: Type.Null({ description: 'Done; the answer has no body' }) }

/** The same for a route that takes rights from people. */
export const REMOVED = {
  ...NO_CONTENT,
  202: Type.Null({
    description:
      'Done, and not confirmed yet by every server that delivers: they apply it within seconds, and let nobody in meanwhile. The answer has no body',
  }),
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether what the request removed is gone everywhere, where it is answered with {@link REMOVED}. */
    isConfirmed: boolean
  }
}

/** Statuses that a handler does not set itself. */
const STATUSES = ['201', '202', '204']

/** Answers with the status that a route's schema promises, where that is 201, 202 or 204 and no other. */
export function registerSuccessStatus(app: FastifyInstance): void {
  app.decorateRequest('isConfirmed', true)
  app.addHook('onRoute', (route) => {
    const { response } = route.schema ?? {}
    if (response === REMOVED) {
      route.preHandler = [route.preHandler ?? [], removed].flat()
      route.onSend = [route.onSend ?? [], unlessConfirmed].flat()
      return
    }
    const [status = '', ...others] = Object.keys(response ?? {})
    if (others.length > 0 || !STATUSES.includes(status)) return
    route.preHandler = [
      route.preHandler ?? [],
      // An error sets its own.
      (_request: unknown, reply: FastifyReply, done: () => void) => {
        reply.code(Number(status))
        done()
      },
    ].flat()
  })
}

function removed(_request: unknown, reply: FastifyReply, done: () => void): void {
  reply.code(204)
  done()
}

async function unlessConfirmed(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (reply.statusCode === 204 && !request.isConfirmed) reply.code(202)
  return payload
}
