import { requireUser } from '../auth/authenticate.ts'
import type { AuthService } from '../auth/service.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import * as schemas from './schemas.ts'
import type { WorkspaceService } from './service.ts'

/** Workspaces: list, create, get. */
export async function workspaceRoutes(
  app: App,
  { auth, workspaces }: { auth: AuthService; workspaces: WorkspaceService },
): Promise<void> {
  requireUser(app, auth)

  app.get(
    '/api/workspaces',
    {
      schema: {
        querystring: pageQuerySchema,
        response: { 200: schemas.workspacePageSchema },
      },
    },
    (request) => workspaces.list(request.user.id, request.query),
  )

  app.post(
    '/api/workspaces',
    {
      schema: {
        body: schemas.createWorkspaceSchema,
        response: { 201: schemas.workspaceSchema },
      },
    },
    async (request, reply) => {
      const workspace = await workspaces.create(actorOf(request), request.body)
      return reply.code(201).header('location', `/api/workspaces/${workspace.id}`).send(workspace)
    },
  )

  app.get(
    '/api/workspaces/:workspaceId',
    {
      schema: {
        params: schemas.workspaceParamsSchema,
        response: { 200: schemas.workspaceSchema },
      },
    },
    (request) => workspaces.get(request.user.id, request.params.workspaceId),
  )
}
