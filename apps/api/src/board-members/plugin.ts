import { Type } from 'typebox'
import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createBoardMemberService } from './service.ts'

/** Direct members of a board: list, put, remove. */
export async function boardMemberPlugin(
  app: App,
  { db, transact, authenticate }: Infrastructure,
): Promise<void> {
  const params = boardParamsSchema
  const boardMembers = createBoardMemberService({ db, transact })
  requireUser(app, authenticate)

  app.get(
    '/api/boards/:boardId/members',
    {
      schema: {
        params,
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
