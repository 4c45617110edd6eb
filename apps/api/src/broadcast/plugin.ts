import { MAX_BROADCAST_BYTES } from '@mindfuse/protocol'
import { Type } from 'typebox'
import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import type { App } from '../http/app.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { broadcastSchema } from './schemas.ts'
import { createBroadcastService } from './service.ts'

/** Messages to everyone on a board, sent over HTTP. */
export async function broadcastPlugin(
  app: App,
  { db, sharedState, authenticate, rateLimit }: Infrastructure,
): Promise<void> {
  const params = boardParamsSchema
  const broadcasts = createBroadcastService({ db, relay: sharedState.relay })
  requireUser(app, authenticate)

  app.post(
    '/api/boards/:boardId/broadcast',
    {
      bodyLimit: MAX_BROADCAST_BYTES,
      preValidation: async (request, reply) =>
        rateLimit(request, reply, 'broadcast', request.user.id),
      schema: {
        params,
        body: broadcastSchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await broadcasts.send(request.user, request.params.boardId, request.body)
      return reply.code(204).send(null)
    },
  )
}
