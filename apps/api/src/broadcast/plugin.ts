import { MAX_BROADCAST_BYTES } from '@mindfuse/protocol'
import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { NO_CONTENT } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import { broadcastSchema } from './schemas.ts'
import { createBroadcastService } from './service.ts'

const NOTHING_IS_STORED = 'Nothing is stored: clients that are not connected do not receive it.'

/** Messages to everyone on a board or in a channel, sent over HTTP. */
export async function broadcastPlugin(
  app: App,
  { db, sharedState, authenticate, rateLimit }: Infrastructure,
): Promise<void> {
  const broadcasts = createBroadcastService({ db, relay: sharedState.relay })
  requireUser(app, authenticate)

  app.post(
    '/api/boards/:boardId/broadcast',
    {
      bodyLimit: MAX_BROADCAST_BYTES,
      preValidation: limitPerUser(rateLimit, 'broadcast'),
      config: { openTo: { guests: true, appUsers: true, keys: 'boards:write' } },
      schema: operation('broadcast', 'Send a broadcast to everyone on a board', {
        description: `Also to its channel, board:<id>. ${NOTHING_IS_STORED}`,
        params: boardParamsSchema,
        body: broadcastSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => broadcasts.toBoard(request.user, request.params.boardId, request.body),
  )

  app.post(
    '/api/workspaces/:workspaceId/broadcast',
    {
      bodyLimit: MAX_BROADCAST_BYTES,
      preValidation: limitPerUser(rateLimit, 'broadcast'),
      config: { openTo: { keys: 'boards:write' } },
      schema: operation('broadcastToWorkspace', 'Send a broadcast to the channel of a workspace', {
        description: NOTHING_IS_STORED,
        params: workspaceParamsSchema,
        body: broadcastSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => broadcasts.toWorkspace(request.user, request.params.workspaceId, request.body),
  )
}
