import { requireAdmin } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { NO_CONTENT, REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { createAdminister } from './acts.ts'
import { createAdminAuditService } from './audit-service.ts'
import { createPeopleService } from './people-service.ts'
import * as schemas from './schemas.ts'

/** What administrators of the installation do; documents are not theirs to read. */
export async function adminPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const administer = createAdminister(infrastructure.transact)
  const people = createPeopleService({ ...infrastructure, administer })
  const audit = createAdminAuditService(infrastructure)
  requireAdmin(app, infrastructure.authenticate)

  app.get(
    '/api/admin/people',
    {
      schema: operation('adminListPeople', 'List people', {
        description: 'For administrators. Newest first; finds parts of emails and names, and ids.',
        querystring: schemas.searchQuerySchema,
        response: { 200: schemas.peoplePageSchema },
      }),
    },
    (request) => people.list(request.query),
  )

  app.post(
    '/api/admin/people/:personId/sign-out',
    {
      config: { isUrgent: true },
      schema: operation('adminSignOut', 'End all sessions of a person', {
        description: 'For administrators. Their connections close; they may sign in again.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: REMOVED,
      }),
    },
    (request) => people.signOut(actorOf(request), { ...request.params, ...request.body }),
  )

  app.post(
    '/api/admin/people/:personId/disable',
    {
      config: { isUrgent: true },
      schema: operation('adminDisable', 'Disable a person', {
        description:
          'For administrators. Ends their sessions and connections, and refuses sign-ins with 403 `account_disabled`; nothing of theirs is deleted. Nobody disables themselves.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: REMOVED,
      }),
    },
    (request) => people.disable(actorOf(request), { ...request.params, ...request.body }),
  )

  app.post(
    '/api/admin/people/:personId/enable',
    {
      schema: operation('adminEnable', 'Enable a person', {
        description: 'For administrators. They may sign in again.',
        params: schemas.personParamsSchema,
        body: schemas.actSchema,
        response: NO_CONTENT,
      }),
    },
    (request) => people.enable(actorOf(request), { ...request.params, ...request.body }),
  )

  app.get(
    '/api/admin/audit',
    {
      schema: operation('adminListAudit', 'List what administrators did', {
        description: 'For administrators. Newest first.',
        querystring: pageQuerySchema,
        response: { 200: schemas.adminAuditPageSchema },
      }),
    },
    (request) => audit.list(request.query),
  )
}
