import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { etagOf, ifMatch, sendTagged } from '../http/etag.ts'
import { operation } from '../http/operation.ts'
import { REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createWorkspaceService } from './service.ts'

/** Workspaces: list, create, get, rename, delete. */
export async function workspacePlugin(
  app: App,
  { db, transact, quotas, authenticate }: Infrastructure,
): Promise<void> {
  const params = schemas.workspaceParamsSchema
  const workspaces = createWorkspaceService({ db, transact, quotas })
  requireUser(app, authenticate)

  app.get(
    '/api/workspaces',
    {
      schema: operation('listWorkspaces', 'List your workspaces', {
        querystring: schemas.workspaceListSchema,
        response: { 200: schemas.workspacePageSchema },
      }),
    },
    (request) => workspaces.list(request.user.id, request.query),
  )

  app.post(
    '/api/workspaces',
    {
      schema: operation('createWorkspace', 'Create a workspace', {
        description: '409 `quota_exceeded` for a person who owns too many.',
        body: schemas.createWorkspaceSchema,
        response: { 201: schemas.workspaceSchema },
      }),
    },
    async (request, reply) => {
      const { workspace, version } = await workspaces.create(actorOf(request), request.body)
      return reply

        .header('location', `/api/workspaces/${workspace.id}`)
        .header('etag', etagOf(version))
        .send(workspace)
    },
  )

  app.get(
    '/api/workspaces/:workspaceId',
    {
      config: { openTo: { keys: 'boards:read' } },
      schema: operation('getWorkspace', 'Get a workspace', {
        params,
        response: { 200: schemas.workspaceSchema },
      }),
    },
    async (request, reply) => {
      const { workspace, version } = await workspaces.get(
        request.user.id,
        request.params.workspaceId,
      )
      return sendTagged(request, reply, etagOf(version), workspace)
    },
  )

  app.patch(
    '/api/workspaces/:workspaceId',
    {
      // It may take rights from guests.
      config: { isUrgent: true },
      schema: operation('updateWorkspace', 'Change a workspace', {
        params,
        body: schemas.updateWorkspaceSchema,
        response: { 200: schemas.workspaceSchema },
      }),
    },
    async (request, reply) => {
      const { workspaceId } = request.params
      const { workspace, version } = await workspaces.update(
        actorOf(request),
        workspaceId,
        request.body,
        ifMatch(request),
      )
      return reply.header('etag', etagOf(version)).send(workspace)
    },
  )

  app.delete(
    '/api/workspaces/:workspaceId',
    {
      config: { isUrgent: true },
      schema: operation('deleteWorkspace', 'Delete a workspace and its boards', {
        params,
        response: REMOVED,
      }),
    },
    (request) => workspaces.remove(actorOf(request), request.params.workspaceId, ifMatch(request)),
  )
}
