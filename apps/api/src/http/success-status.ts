import type { FastifyInstance, FastifyReply } from 'fastify'
import { Type } from 'typebox'

/** The `response` of a route that returns nothing: its handler is done when it resolves. */
export const NO_CONTENT = { 204: Type.Null({ description: 'Done; the answer has no body' }) }

/** Statuses that a handler does not set itself. */
const STATUSES = ['201', '202', '204']

/** Answers with the status that a route's schema promises, where that is 201, 202 or 204 and no other. */
export function registerSuccessStatus(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const [status = '', ...others] = Object.keys(route.schema?.response ?? {})
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
