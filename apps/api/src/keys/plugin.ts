import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import { pageQuerySchema } from '../http/pagination.ts'
import { limitPerUser } from '../http/rate-limit.ts'
import { REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'
import * as schemas from './schemas.ts'
import { createKeyService } from './service.ts'

/** Keys of a workspace: create, list, revoke. */
export async function keyPlugin(
  app: App,
  { db, transact, authenticate, rateLimit }: Infrastructure,
): Promise<void> {
  const params = workspaceParamsSchema
  const keys = createKeyService({ db, transact })
  requireUser(app, authenticate)

  app.post(
    '/api/workspaces/:workspaceId/keys',
    {
      preValidation: limitPerUser(rateLimit, 'keyCreate'),
      schema: operation('createKey', 'Create a key', {
        description:
          'A key is how a program uses the API and connects to boards. 409 `too_many_keys` beyond 100.',
        params,
        body: schemas.createKeySchema,
        response: { 201: schemas.createdKeySchema },
      }),
    },
    async (request, reply) => {
      const created = await keys.create(actorOf(request), request.params.workspaceId, request.body)
      return reply.header('cache-control', 'no-store').send(created)
    },
  )

  app.get(
    '/api/workspaces/:workspaceId/keys',
    {
      schema: operation('listKeys', 'List the keys of a workspace', {
        description: 'Without their values, of which only hashes are kept.',
        params,
        querystring: pageQuerySchema,
        response: { 200: schemas.keyPageSchema },
      }),
    },
    (request) => keys.list(request.user.id, request.params.workspaceId, request.query),
  )

  app.delete(
    '/api/workspaces/:workspaceId/keys/:keyId',
    {
      config: { isUrgent: true },
      schema: operation('revokeKey', 'Revoke a key', {
        description: 'Its connections end at once, and those of the tokens that it minted.',
        params: schemas.keyParamsSchema,
        response: REMOVED,
      }),
    },
    (request) => keys.revoke(actorOf(request), request.params),
  )
}
