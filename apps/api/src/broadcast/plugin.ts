import { MAX_BROADCAST_BYTES } from '@mindfuse/protocol'
import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { NO_CONTENT } from '../http/success-status.ts'
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
      preValidation: limitPerUser(rateLimit, 'broadcast'),
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:write' } },
      schema: operation('broadcast', 'Send a broadcast to everyone on a board', {
        description: 'Nothing is stored: clients that are not connected do not receive it.',
        params,
        body: broadcastSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => broadcasts.send(request.user, request.params.boardId, request.body),
  )
}
