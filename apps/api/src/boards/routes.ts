import { requireUser } from '../auth/authenticate.ts'
import type { AuthService } from '../auth/service.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import * as schemas from './schemas.ts'
import type { BoardService } from './service.ts'

/** Boards: list and create in a workspace, get. */
export async function boardRoutes(
  app: App,
  { auth, boards }: { auth: AuthService; boards: BoardService },
): Promise<void> {
  requireUser(app, auth)

  app.get(
    '/api/workspaces/:workspaceId/boards',
    {
      schema: {
        params: workspaceParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: schemas.boardPageSchema },
      },
    },
    (request) => boards.list(request.user.id, request.params.workspaceId, request.query),
  )

  app.post(
    '/api/workspaces/:workspaceId/boards',
    {
      schema: {
        params: workspaceParamsSchema,
        body: schemas.createBoardSchema,
        response: { 201: schemas.boardSchema },
      },
    },
    async (request, reply) => {
      const board = await boards.create(actorOf(request), request.params.workspaceId, request.body)
      return reply.code(201).header('location', `/api/boards/${board.id}`).send(board)
    },
  )

  app.get(
    '/api/boards/:boardId',
    { schema: { params: schemas.boardParamsSchema, response: { 200: schemas.boardSchema } } },
    (request) => boards.get(request.user.id, request.params.boardId),
  )
}
