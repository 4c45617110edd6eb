import { requireUser } from '../auth/authenticate.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import { auditPageSchema, auditQuerySchema } from './schemas.ts'
import { createAuditService } from './service.ts'

/** The audit log of a workspace. */
export async function auditPlugin(app: App, { db, authenticate }: Infrastructure): Promise<void> {
  const params = workspaceParamsSchema
  const audit = createAuditService({ db })
  requireUser(app, authenticate)

  app.get(
    '/api/workspaces/:workspaceId/audit',
    {
      schema: operation('listAuditEntries', 'List the audit log of a workspace', {
        description:
          'Newest first. For owners and admins of the workspace; addresses and user agents for owners only.',
        params,
        querystring: auditQuerySchema,
        response: { 200: auditPageSchema },
      }),
    },
    (request) => audit.list(request.user.id, request.params.workspaceId, request.query),
  )
}
