import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { activityPageSchema, activityQuerySchema } from './schemas.ts'
import { createHistoryService } from './service.ts'

/** Who changed a board when. */
export async function historyPlugin(app: App, { db, authenticate }: Infrastructure): Promise<void> {
  const history = createHistoryService({ db })
  requireUser(app, authenticate)

  app.get(
    '/api/boards/:boardId/history',
    {
      config: { openTo: { appUsers: true, keys: 'boards:read' } },
      schema: operation('listActivity', 'List who changed a board when', {
        description: 'Newest first, counted in intervals of five minutes.',
        params: boardParamsSchema,
        querystring: activityQuerySchema,
        response: { 200: activityPageSchema },
      }),
    },
    (request) => history.list(request.user.id, request.params.boardId, request.query),
  )
}
