import type { AccessTokens } from '../auth/access-tokens.ts'
import type { SessionCookie } from '../auth/session-cookie.ts'
import type { Client } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import { mergeGuest } from '../guests/merge-guest.ts'
import { ApiError } from '../http/errors.ts'
import type { AccessGrant } from '../sessions/grant-access.ts'
import { limitSessions } from '../sessions/limit-sessions.ts'
import { startSession } from '../sessions/start-session.ts'
import { displayName, type PresentUser } from '../users/presenter.ts'
import { upsertUser } from '../users/repository.ts'
import type { User } from '../users/schemas.ts'
import { createPersonalWorkspace } from '../workspaces/repository.ts'
import type { Identity } from './identity-provider.ts'

/** Those who sign in wait for each other, and not everybody else for them. */
const CROWD = 'sign-in'

/**
 * Creates or updates the person, their personal workspace and a session, and ends the oldest of too many
 * sessions, and makes the guest that they were the person; or none of that.
 */
export type SignIn = (
  identity: Identity & {
    /** What `users.oauth_provider` calls the identity provider. */
    provider: string
  },
  client: Client,
  /** The cookie of the guest that they were in this browser, who becomes them. */
  guestToken: string | undefined,
) => Promise<{ user: User; session: SessionCookie; access: AccessGrant }>

export function createSignIn(deps: {
  transact: Transact
  accessTokens: AccessTokens
  presentUser: PresentUser
}): SignIn {
  const { transact, accessTokens, presentUser } = deps
  return (identity, client, guestToken) => {
    const { provider, subject, email, emailVerified } = identity
    const newcomer = { ...client, turn: `${provider} ${subject}`, crowd: CROWD }
    return transact(newcomer, async (tx, record) => {
      const row = await upsertUser(tx, {
        ...{ provider, subject, email, emailVerified },
        name: identity.name ?? null,
        avatarUrl: identity.pictureUrl ?? null,
      })
      // After the upsert, which waits for an administrator who is disabling the person.
      if (row.disabled_at) throw accountDisabled()
      // A name reads the same in every language.
      await createPersonalWorkspace(tx, { userId: row.id, name: displayName(row) })
      const started = await startSession(tx, { accessTokens, user: row, client })
      await limitSessions(tx, record, row.id)
      await mergeGuest(tx, record, { token: guestToken, userId: row.id })
      return { user: presentUser(row), ...started }
    })
  }
}

function accountDisabled(): ApiError {
  return new ApiError(403, 'account_disabled', 'This account is disabled; ask an administrator')
}
