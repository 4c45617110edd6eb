import { requireUser } from '../auth/authenticate.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import { personUsageSchema, workspaceUsageSchema } from './schemas.ts'
import { createUsageService } from './service.ts'

/** What workspaces and people use of their quotas. */
export async function usagePlugin(
  app: App,
  { db, quotas, authenticate }: Infrastructure,
): Promise<void> {
  const usage = createUsageService({ db, quotas })
  requireUser(app, authenticate)

  app.get(
    '/api/workspaces/:workspaceId/usage',
    {
      config: { openTo: { keys: 'boards:read' } },
      schema: operation('getWorkspaceUsage', 'Get what a workspace uses of its quotas', {
        description: 'Beyond a limit, requests are refused with 409 `quota_exceeded`.',
        params: workspaceParamsSchema,
        response: { 200: workspaceUsageSchema },
      }),
    },
    (request) => usage.ofWorkspace(request.user.id, request.params.workspaceId),
  )

  app.get(
    '/api/usage',
    {
      schema: operation('getUsage', 'Get what you use of your quotas', {
        description: 'Over all workspaces that you own.',
        response: { 200: personUsageSchema },
      }),
    },
    (request) => usage.ofPerson(request.user.id),
  )
}
