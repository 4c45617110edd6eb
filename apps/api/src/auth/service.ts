import type { Client } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'
import type { AccessGrant, SessionCookie, SessionService } from '../sessions/service.ts'
import { displayName, presentUser } from '../users/presenter.ts'
import { upsertUser } from '../users/repository.ts'
import type { User } from '../users/schemas.ts'
import { createPersonalWorkspace } from '../workspaces/repository.ts'
import type { Authenticate } from './authenticate.ts'
import type { Identity } from './identity-provider.ts'

/** Who one is: proven once by signing in, then by every request's access token. */
export interface AuthService {
  /** Creates or updates the person, their personal workspace and a session, or none of them. */
  signIn(
    identity: Identity,
    client: Client,
  ): Promise<{ user: User; session: SessionCookie; access: AccessGrant }>
  authenticate: Authenticate
}

/** @param deps.provider names the identity provider in `users.oauth_provider` */
export function createAuthService(deps: {
  db: Database
  sessions: SessionService
  authenticate: Authenticate
  provider: string
}): AuthService {
  const { db, sessions, authenticate, provider } = deps
  return {
    authenticate,

    signIn(identity, client) {
      return db.transaction().execute(async (tx) => {
        const user = await upsertUser(tx, {
          provider,
          subject: identity.subject,
          email: identity.email,
          name: identity.name ?? null,
          avatarUrl: identity.pictureUrl ?? null,
        })
        await createPersonalWorkspace(tx, {
          userId: user.id,
          name: `${displayName(user)}'s boards`,
        })
        return { user: presentUser(user), ...(await sessions.start(tx, user, client)) }
      })
    },
  }
}
