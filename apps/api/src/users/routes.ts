import { requireUser } from '../auth/authenticate.ts'
import type { AuthService } from '../auth/service.ts'
import { actorOf } from '../changes/actor.ts'
import type { App } from '../http/app.ts'
import type { SessionCookies } from '../sessions/cookie.ts'
import * as schemas from './schemas.ts'
import type { UserService } from './service.ts'

/** One's own account: who one is, and deleting it. */
export async function userRoutes(
  app: App,
  deps: { auth: AuthService; users: UserService; cookies: SessionCookies },
): Promise<void> {
  const { auth, users, cookies } = deps
  requireUser(app, auth)

  app.get(
    '/api/auth/me',
    { schema: { response: { 200: schemas.userSchema } } },
    async (request) => request.user,
  )

  app.delete(
    '/api/auth/me',
    { schema: { response: { 200: schemas.accountDeletionSchema } } },
    async (request, reply) => {
      const deletion = await users.deleteAccount(actorOf(request))
      cookies.clear(reply)
      return deletion
    },
  )
}
