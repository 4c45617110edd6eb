import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createGuestService } from './service.ts'

/** Those who came to a board by links: list, remove. */
export async function guestPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const guests = createGuestService(infrastructure)
  requireUser(app, infrastructure.authenticate)

  app.get(
    '/api/boards/:boardId/guests',
    {
      schema: operation('listGuests', 'List who came to a board by links', {
        params: boardParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: schemas.guestPageSchema },
      }),
    },
    (request) => guests.list(request.user.id, request.params.boardId, request.query),
  )

  app.delete(
    '/api/boards/:boardId/guests/:userId',
    {
      config: { isUrgent: true },
      schema: operation('removeGuest', 'Remove somebody who came by a link', {
        description:
          'Their connections to the board end at once, and no link made before lets them back in. A guest can come back as another: revoke the link where that matters.',
        params: schemas.guestParamsSchema,
        response: REMOVED,
      }),
    },
    (request) => guests.remove(actorOf(request), request.params),
  )
}
