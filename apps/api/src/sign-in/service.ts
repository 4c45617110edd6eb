import type { AccessTokens } from '../auth/access-tokens.ts'
import type { SessionCookie } from '../auth/session-cookie.ts'
import type { Client } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'
import type { AccessGrant } from '../sessions/grant-access.ts'
import { startSession } from '../sessions/start-session.ts'
import { displayName, presentUser } from '../users/presenter.ts'
import { upsertUser } from '../users/repository.ts'
import type { User } from '../users/schemas.ts'
import { createPersonalWorkspace } from '../workspaces/repository.ts'
import type { Identity } from './identity-provider.ts'

/** Creates or updates the person, their personal workspace and a session, or none of them. */
export type SignIn = (
  identity: Identity,
  client: Client,
) => Promise<{ user: User; session: SessionCookie; sessionId: string; access: AccessGrant }>

/** @param deps.provider names the identity provider in `users.oauth_provider` */
export function createSignIn(deps: {
  db: Database
  accessTokens: AccessTokens
  provider: string
}): SignIn {
  const { db, accessTokens, provider } = deps
  return (identity, client) =>
    db.transaction().execute(async (tx) => {
      const row = await upsertUser(tx, {
        provider,
        subject: identity.subject,
        email: identity.email,
        name: identity.name ?? null,
        avatarUrl: identity.pictureUrl ?? null,
      })
      const name = `${displayName(row)}'s boards`
      await createPersonalWorkspace(tx, { userId: row.id, name })
      const started = await startSession(tx, { accessTokens, user: row, client })
      return { user: presentUser(row), ...started }
    })
}
