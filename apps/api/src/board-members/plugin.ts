import { requireUser } from '../auth/authenticate.ts'
import { boardParamsSchema } from '../boards/schemas.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { removalQuerySchema } from '../http/fields.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createBoardMemberService } from './service.ts'

/** Direct members of a board: list, put, remove. */
export async function boardMemberPlugin(
  app: App,
  { db, transact, authenticate }: Infrastructure,
): Promise<void> {
  const params = boardParamsSchema
  const querystring = pageQuerySchema
  const members = createBoardMemberService({ db, transact })
  requireUser(app, authenticate)

  app.get(
    '/api/boards/:boardId/members',
    {
      config: { openTo: { keys: 'members:write' } },
      schema: operation('listBoardMembers', 'List the members of a board', {
        params,
        querystring,
        response: { 200: schemas.boardMemberPageSchema },
      }),
    },
    (request) => members.list(request.user.id, request.params.boardId, request.query),
  )

  app.put(
    '/api/boards/:boardId/members/:userId',
    {
      config: { isUrgent: true, openTo: { keys: 'members:write' } },
      schema: operation('putBoardMember', 'Add a member to a board, or change their role', {
        params: schemas.boardMemberParamsSchema,
        body: schemas.putBoardMemberSchema,
        response: { '2xx': schemas.boardMemberSchema },
      }),
    },
    async (request, reply) => {
      const { boardId, userId } = request.params
      const { role } = request.body
      const { member, isNew } = await members.put(actorOf(request), boardId, { userId }, role)
      return reply.code(isNew ? 201 : 200).send(member)
    },
  )

  app.delete(
    '/api/boards/:boardId/members/:userId',
    {
      config: { isUrgent: true, openTo: { keys: 'members:write' } },
      schema: operation('removeBoardMember', 'Remove a member from a board', {
        description:
          'Their connections to the board end at once, and no invite made before lets them back in. You can always remove yourself.',
        params: schemas.boardMemberParamsSchema,
        querystring: removalQuerySchema,
        response: REMOVED,
      }),
    },
    (request) => members.remove(actorOf(request), { ...request.params, ...request.query }),
  )

  app.put(
    '/api/boards/:boardId/members/by-external-id/:externalId',
    {
      config: { isUrgent: true, openTo: { keys: 'members:write' } },
      schema: operation('putAppUserMember', 'Give an app user a role on a board', {
        description: 'Who that is, says the first token that was minted for them.',
        params: schemas.appUserMemberParamsSchema,
        body: schemas.putBoardMemberSchema,
        response: { '2xx': schemas.boardMemberSchema },
      }),
    },
    async (request, reply) => {
      const { boardId, externalId } = request.params
      const { role } = request.body
      const { member, isNew } = await members.put(actorOf(request), boardId, { externalId }, role)
      return reply.code(isNew ? 201 : 200).send(member)
    },
  )

  app.delete(
    '/api/boards/:boardId/members/by-external-id/:externalId',
    {
      config: { isUrgent: true, openTo: { keys: 'members:write' } },
      schema: operation('removeAppUserMember', 'Remove an app user from a board', {
        description: 'Their connections to the board end at once.',
        params: schemas.appUserMemberParamsSchema,
        response: REMOVED,
      }),
    },
    (request) => members.remove(actorOf(request), { ...request.params, revokeInvites: false }),
  )
}
