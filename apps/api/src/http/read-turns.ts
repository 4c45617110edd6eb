import type { FastifyRequest } from 'fastify'
import type { App } from './app.ts'
import type { Turns } from './turns.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the answer may take long for other reasons than the database: it takes no turn. */
    isLong?: boolean
  }
}

/**
 * Has the reads of one person take turns. A turn ends with the answer and not with the connection:
 * closing it early would let the next query begin while this one is still running.
 */
export function registerReadTurns(scope: App, inTurn: Turns): void {
  const ends = new WeakMap<FastifyRequest, () => void>()

  scope.addHook('preHandler', (request, _reply, done) => {
    // None on routes that need no access token.
    const user = request.user as { id: string } | undefined
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!user || !isRead || request.routeOptions.config.isLong) return done()
    inTurn(user.id, () => {
      return new Promise<void>((end) => {
        ends.set(request, end)
        done()
      })
    }).catch(done)
  })

  scope.addHook('onSend', (request, _reply, _payload, done) => {
    ends.get(request)?.()
    done()
  })
}
