import type { AccessTokenClaims } from '@mindfuse/protocol'
import type { Database } from '../db/database.ts'
import { unauthenticated } from '../http/errors.ts'
import { createPersonalWorkspace } from '../workspaces/repository.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { Identity } from './identity-provider.ts'
import * as repository from './repository.ts'
import type { User } from './schemas.ts'
import { hashSessionToken, newSessionToken } from './session-tokens.ts'

/** How long a session lasts, whatever happens, seconds. */
const SESSION_TTL_SECONDS = 30 * 24 * 60 * 60

/**
 * How long the value before the current one still works, seconds: for the other tab that asked at
 * the same moment, and for the reply that got lost.
 */
const ROTATION_GRACE_SECONDS = 10

/** A session's value and when it ends, for the cookie. */
export interface SessionCookie {
  token: string
  expiresAt: Date
}

/** Access for a program: a token and its end. */
export interface AccessGrant {
  accessToken: string
  expiresAt: Date
}

/** What sign-in, sessions and tokens offer the routes. */
export interface AuthService {
  /** Creates or updates the person, their personal workspace and a session, or none of them. */
  signIn(
    identity: Identity,
    client: { ip: string; userAgent: string | undefined },
  ): Promise<{ user: User; session: SessionCookie; access: AccessGrant }>
  /**
   * A fresh access token for a session's value, which is replaced. Where the value was replaced
   * a moment ago by somebody else with it, `session` is undefined: the cookie is right already.
   */
  refresh(token: string): Promise<{ session: SessionCookie | undefined; access: AccessGrant }>
  /** Ends the session of this cookie value, if there is one. */
  signOut(token: string): Promise<void>
  signOutSession(sessionId: string): Promise<void>
  /** Who speaks with this access token. @throws ApiError 401 */
  authenticate(accessToken: string): Promise<{ user: User; claims: AccessTokenClaims }>
}

/** @param provider names the identity provider in `users.oauth_provider` */
export function createAuthService(deps: {
  db: Database
  accessTokens: AccessTokens
  provider: string
}): AuthService {
  const { db, accessTokens, provider } = deps

  const grant = (user: repository.UserRow, sessionId: string): Promise<AccessGrant> =>
    accessTokens.sign({
      userId: user.id,
      sessionId,
      name: displayName(user),
      pictureUrl: user.avatar_url,
    })

  return {
    async signIn(identity, client) {
      const token = newSessionToken()
      const expiresAt = new Date(Date.now() + SESSION_TTL_SECONDS * 1_000)
      const { user, sessionId } = await db.transaction().execute(async (tx) => {
        const user = await repository.upsertUser(tx, {
          provider,
          subject: identity.subject,
          email: identity.email,
          name: identity.name ?? localPart(identity.email),
          avatarUrl: identity.pictureUrl ?? null,
        })
        await createPersonalWorkspace(tx, {
          userId: user.id,
          name: `${displayName(user)}'s boards`,
        })
        const sessionId = await repository.insertSession(tx, {
          userId: user.id,
          tokenHash: hashSessionToken(token),
          expiresAt,
          ip: client.ip,
          userAgent: client.userAgent ?? null,
        })
        return { user, sessionId }
      })
      return {
        user: presentUser(user),
        session: { token, expiresAt },
        access: await grant(user, sessionId),
      }
    },

    async refresh(token) {
      const fromHash = hashSessionToken(token)
      const current = await repository.findUserBySession(db, { tokenHash: fromHash })
      if (current) {
        const next = newSessionToken()
        const toHash = hashSessionToken(next)
        if (
          await repository.rotateSession(db, { sessionId: current.session_id, fromHash, toHash })
        ) {
          const session = { token: next, expiresAt: current.session_expires_at }
          return { session, access: await grant(current, current.session_id) }
        }
      }
      const retired = await repository.findRetiredToken(db, fromHash, ROTATION_GRACE_SECONDS)
      if (!retired) throw unauthenticated('There is no such session any more: sign in again')
      const user = await repository.findUserBySession(db, { id: retired.sessionId })
      if (retired.isWithinGrace && user) {
        return { session: undefined, access: await grant(user, retired.sessionId) }
      }
      // Its rightful owner has a newer value, so somebody else holds a copy.
      await repository.revokeSession(db, retired.sessionId)
      throw unauthenticated('This session value was used before: sign in again')
    },

    async signOut(token) {
      const session = await repository.findUserBySession(db, { tokenHash: hashSessionToken(token) })
      if (session) await repository.revokeSession(db, session.session_id)
    },

    signOutSession: (sessionId) => repository.revokeSession(db, sessionId),

    async authenticate(accessToken) {
      const claims = await accessTokens.verify(accessToken)
      if (!claims) throw unauthenticated('The access token is not valid, or not any more')
      const user = await repository.findUserBySession(db, { id: claims.sid })
      if (!user || user.id !== claims.sub) throw unauthenticated('The session has ended')
      return { user: presentUser(user), claims }
    },
  }
}

function presentUser(user: repository.UserRow): User {
  return {
    id: user.id,
    email: user.email,
    name: displayName(user),
    avatarUrl: user.avatar_url,
    createdAt: user.created_at.toISOString(),
  }
}

function displayName(user: repository.UserRow): string {
  return user.name || localPart(user.email)
}

function localPart(email: string): string {
  return email.slice(0, email.lastIndexOf('@'))
}
