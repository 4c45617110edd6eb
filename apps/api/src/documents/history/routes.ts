import { type Authenticate, requireUser } from '../../auth/authenticate.ts'
import { boardParamsSchema } from '../../boards/schemas.ts'
import type { App } from '../../http/app.ts'
import { pageQuerySchema } from '../../http/pagination.ts'
import { activityPageSchema } from './schemas.ts'
import type { HistoryService } from './service.ts'

/** Who changed a board when. */
export async function historyRoutes(
  app: App,
  { auth, history }: { auth: { authenticate: Authenticate }; history: HistoryService },
): Promise<void> {
  requireUser(app, auth)

  app.get(
    '/api/boards/:boardId/history',
    {
      schema: {
        params: boardParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: activityPageSchema },
      },
    },
    (request) => history.list(request.user.id, request.params.boardId, request.query),
  )
}
