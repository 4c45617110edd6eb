import { MAX_BROADCAST_BYTES } from '@mindfuse/protocol'
import { Type } from 'typebox'
import { type Authenticate, requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import type { App } from '../http/app.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import { broadcastSchema } from './schemas.ts'
import type { BroadcastService } from './service.ts'

/** What somebody without a WebSocket says to everybody on a board. */
export async function broadcastRoutes(
  app: App,
  deps: {
    auth: { authenticate: Authenticate }
    rateLimit: RateLimit
    broadcasts: BroadcastService
  },
): Promise<void> {
  requireUser(app, deps.auth)

  app.post(
    '/api/boards/:boardId/broadcast',
    {
      bodyLimit: MAX_BROADCAST_BYTES,
      preValidation: async (request, reply) =>
        deps.rateLimit(request, reply, 'broadcast', request.user.id),
      schema: {
        params: boardParamsSchema,
        body: broadcastSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await deps.broadcasts.send(request.user, request.params.boardId, request.body)
      return reply.code(204).send(null)
    },
  )
}
