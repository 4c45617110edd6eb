import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { removalQuerySchema } from '../http/fields.ts'
import { operation } from '../http/operation.ts'
import { REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import * as schemas from './schemas.ts'
import { createWorkspaceMemberService } from './service.ts'

/** Members of a workspace: list, change, remove or leave. */
export async function workspaceMemberPlugin(
  app: App,
  { db, transact, quotas, authenticate }: Infrastructure,
): Promise<void> {
  const params = workspaceParamsSchema
  const members = createWorkspaceMemberService({ db, transact, quotas })
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

  app.patch(
    '/api/workspaces/:workspaceId/members/:userId',
    {
      config: { isUrgent: true },
      schema: operation('updateMember', 'Change the role of a member', {
        description: 'Not to owner, which takes their consent: offer it to their email.',
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
      config: { isUrgent: true },
      schema: operation('removeMember', 'Remove a member from a workspace', {
        description:
          'Their connections to its boards end at once, and no invite made before lets them back in. You can always remove yourself, unless you are the only owner.',
        params: schemas.memberParamsSchema,
        querystring: removalQuerySchema,
        response: REMOVED,
      }),
    },
    (request) => members.remove(actorOf(request), { ...request.params, ...request.query }),
  )
}
