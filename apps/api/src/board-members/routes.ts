import { Type } from 'typebox'
import { requireUser } from '../auth/authenticate.ts'
import type { AuthService } from '../auth/service.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import * as schemas from './schemas.ts'
import type { BoardMemberService } from './service.ts'

/** Direct members of a board: list, put, remove. */
export async function boardMemberRoutes(
  app: App,
  { auth, boardMembers }: { auth: AuthService; boardMembers: BoardMemberService },
): Promise<void> {
  requireUser(app, auth)

  app.get(
    '/api/boards/:boardId/members',
    {
      schema: {
        params: boardParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: schemas.boardMemberPageSchema },
      },
    },
    (request) => boardMembers.list(request.user.id, request.params.boardId, request.query),
  )

  app.put(
    '/api/boards/:boardId/members/:userId',
    {
      schema: {
        params: schemas.boardMemberParamsSchema,
        body: schemas.putBoardMemberSchema,
        response: { '2xx': schemas.boardMemberSchema },
      },
    },
    async (request, reply) => {
      const { boardId, userId } = request.params
      const { role } = request.body
      const { member, isNew } = await boardMembers.put(actorOf(request), boardId, userId, role)
      return reply.code(isNew ? 201 : 200).send(member)
    },
  )

  app.delete(
    '/api/boards/:boardId/members/:userId',
    { schema: { params: schemas.boardMemberParamsSchema, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { boardId, userId } = request.params
      await boardMembers.remove(actorOf(request), boardId, userId)
      return reply.code(204).send(null)
    },
  )
}
