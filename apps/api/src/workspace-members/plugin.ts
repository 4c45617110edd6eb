import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { etagOf } from '../http/etag.ts'
import { removalQuerySchema } from '../http/fields.ts'
import { operation } from '../http/operation.ts'
import { NO_CONTENT } from '../http/success-status.ts'
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
  const members = createWorkspaceMemberService({ db, transact })
  requireUser(app, authenticate)

  app.get(
    '/api/workspaces/:workspaceId/members',
    {
      schema: operation('listMembers', 'List the members of a workspace', {
        params,
        querystring: schemas.memberListSchema,
        response: { 200: schemas.memberPageSchema },
      }),
    },
    (request) => members.list(request.user.id, request.params.workspaceId, request.query),
  )

  app.post(
    '/api/workspaces/:workspaceId/members',
    {
      schema: operation('addMember', 'Add a member to a workspace', {
        params,
        body: schemas.addMemberSchema,
        response: { 201: schemas.memberSchema },
      }),
    },
    (request) => members.add(actorOf(request), request.params.workspaceId, request.body),
  )

  app.patch(
    '/api/workspaces/:workspaceId/members/:userId',
    {
      schema: operation('updateMember', 'Change the role of a member', {
        params: schemas.memberParamsSchema,
        body: schemas.changeRoleSchema,
        response: { 200: schemas.memberSchema },
      }),
    },
    (request) => {
      const { workspaceId, userId } = request.params
      return members.changeRole(actorOf(request), workspaceId, userId, request.body.role)
    },
  )

  app.delete(
    '/api/workspaces/:workspaceId/members/:userId',
    {
      schema: operation('removeMember', 'Remove a member from a workspace', {
        description:
          'Their connections to its boards end at once, and no invite made before lets them back in. You can always remove yourself, unless you are the only owner.',
        params: schemas.memberParamsSchema,
        querystring: removalQuerySchema,
        response: NO_CONTENT,
      }),
    },
    (request) => members.remove(actorOf(request), { ...request.params, ...request.query }),
  )

  app.post(
    '/api/workspaces/:workspaceId/transfer',
    {
      schema: operation('transferWorkspace', 'Make another member the owner', {
        params,
        body: schemas.transferSchema,
        response: { 200: workspaceSchema },
      }),
    },
    async (request, reply) => {
      const { workspaceId } = request.params
      const { userId } = request.body
      const { workspace, version } = await members.transfer(actorOf(request), workspaceId, userId)
      return reply.header('etag', etagOf(version)).send(workspace)
    },
  )
}
