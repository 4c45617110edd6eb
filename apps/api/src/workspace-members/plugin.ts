import { Type } from 'typebox'
import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { etagOf } from '../http/etag.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceParamsSchema, workspaceSchema } from '../workspaces/schemas.ts'
import * as schemas from './schemas.ts'
import { createWorkspaceMemberService } from './service.ts'

/** Members of a workspace: list, add, change, remove or leave; hand the workspace over. */
export async function workspaceMemberPlugin(
  app: App,
  { db, transact, authenticate }: Infrastructure,
): Promise<void> {
  const params = workspaceParamsSchema
  const workspaceMembers = createWorkspaceMemberService({ db, transact })
  requireUser(app, authenticate)

  app.get(
    '/api/workspaces/:workspaceId/members',
    {
      schema: {
        params,
        querystring: schemas.memberListSchema,
        response: { 200: schemas.memberPageSchema },
      },
    },
    (request) => workspaceMembers.list(request.user.id, request.params.workspaceId, request.query),
  )

  app.post(
    '/api/workspaces/:workspaceId/members',
    { schema: { params, body: schemas.addMemberSchema, response: { 201: schemas.memberSchema } } },
    async (request, reply) => {
      const { workspaceId } = request.params
      const member = await workspaceMembers.add(actorOf(request), workspaceId, request.body)
      return reply.code(201).send(member)
    },
  )

  app.patch(
    '/api/workspaces/:workspaceId/members/:userId',
    {
      schema: {
        params: schemas.memberParamsSchema,
        body: schemas.changeRoleSchema,
        response: { 200: schemas.memberSchema },
      },
    },
    (request) => {
      const { workspaceId, userId } = request.params
      return workspaceMembers.changeRole(actorOf(request), workspaceId, userId, request.body.role)
    },
  )

  app.delete(
    '/api/workspaces/:workspaceId/members/:userId',
    { schema: { params: schemas.memberParamsSchema, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { workspaceId, userId } = request.params
      await workspaceMembers.remove(actorOf(request), workspaceId, userId)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/api/workspaces/:workspaceId/transfer',
    { schema: { params, body: schemas.transferSchema, response: { 200: workspaceSchema } } },
    async (request, reply) => {
      const { workspaceId } = request.params
      const { workspace, version } = await workspaceMembers.transfer(
        actorOf(request),
        workspaceId,
        request.body.userId,
      )
      return reply.header('etag', etagOf(version)).send(workspace)
    },
  )
}
