import { requireUser } from '../auth/authenticate.ts'
import type { AuthService } from '../auth/service.ts'
import type { App } from '../http/app.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import { auditPageSchema, auditQuerySchema } from './schemas.ts'
import type { AuditService } from './service.ts'

/** The audit of a workspace, for those who look after it. */
export async function auditRoutes(
  app: App,
  { auth, audit }: { auth: AuthService; audit: AuditService },
): Promise<void> {
  requireUser(app, auth)

  app.get(
    '/api/workspaces/:workspaceId/audit',
    {
      schema: {
        params: workspaceParamsSchema,
        querystring: auditQuerySchema,
        response: { 200: auditPageSchema },
      },
    },
    (request) => audit.list(request.user.id, request.params.workspaceId, request.query),
  )
}
