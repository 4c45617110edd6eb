import { requireAdmin } from '../auth/authenticate.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { createPeopleService } from './people-service.ts'
import * as schemas from './schemas.ts'

/** What administrators of the installation do; documents are not theirs to read. */
export async function adminPlugin(app: App, infrastructure: Infrastructure): Promise<void> {
  const people = createPeopleService(infrastructure)
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
}
