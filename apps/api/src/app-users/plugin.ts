import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { forbidden } from '../http/errors.ts'
import { operation } from '../http/operation.ts'
import { REMOVED } from '../http/success-status.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as schemas from './schemas.ts'
import { createAppUserService } from './service.ts'

/** App users: mint a token for one, remove one. */
export async function appUserPlugin(
  app: App,
  { transact, accessTokens, authenticate }: Infrastructure,
): Promise<void> {
  const appUsers = createAppUserService({ transact, accessTokens })
  requireUser(app, authenticate)

  app.post(
    '/api/auth/tokens',
    {
      config: { openTo: { keys: 'tokens:create' } },
      onRequest: async ({ user }) => {
        if (user.kind !== 'key') throw forbidden('That takes a key')
      },
      schema: operation('mintToken', 'Mint a token for a user of your product', {
        description:
          'Makes the user with the first, and puts them on boards. 403 for a role above editor, 429 `too_many_app_users` beyond 10,000 users of a key within an hour. Ends with the key.',
        body: schemas.mintTokenSchema,
        response: { 200: schemas.mintedTokenSchema },
      }),
    },
    async (request, reply) => {
      const minted = await appUsers.mint(actorOf(request), request.body)
      return reply.header('cache-control', 'no-store').send(minted)
    },
  )

  app.delete(
    '/api/workspaces/:workspaceId/app-users/:externalId',
    {
      config: { isUrgent: true, openTo: { keys: 'members:write' } },
      schema: operation('removeAppUser', 'Remove a user of your product', {
        description:
          'From all boards of the workspace, with their connections. The next token that is minted for them lets them in again.',
        params: schemas.appUserParamsSchema,
        response: REMOVED,
      }),
    },
    (request) => appUsers.remove(actorOf(request), request.params),
  )
}
