import { requireUser } from '../auth/authenticate.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { isCookieOfAnother } from '../sessions/cookie-session.ts'
import { userSchema } from '../users/schemas.ts'
import { accountDeletionSchema } from './schemas.ts'
import { createAccountService } from './service.ts'

/** The caller's own account: read it, delete it. */
export async function accountPlugin(
  app: App,
  { transact, quotas, authenticate, cookies, database }: Infrastructure,
): Promise<void> {
  const account = createAccountService({ transact, quotas })
  requireUser(app, authenticate)

  app.get(
    '/api/auth/me',
    {
      schema: operation('getMe', 'Get your account', { response: { 200: userSchema } }),
    },
    async (request) => request.user,
  )

  app.delete(
    '/api/auth/me',
    {
      config: { isUrgent: true },
      schema: operation('deleteMe', 'Delete your account', {
        description:
          'Ends every session and removes your personal workspace with its boards. Refused while you are the only owner of a workspace that others use, or its next owner has no room for it in their quotas.',
        response: { 200: accountDeletionSchema },
      }),
    },
    async (request, reply) => {
      const token = cookies.read(request)
      const isOfAnother = await isCookieOfAnother(database.urgent.db, token, request.user.id)
      const deletion = await account.delete(actorOf(request))
      if (!isOfAnother) cookies.clear(reply)
      return deletion
    },
  )
}
