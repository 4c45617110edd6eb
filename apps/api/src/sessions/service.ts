import type { AccessTokens } from '../auth/access-tokens.ts'
import type { Actor, Client } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import { notFound, unauthenticated } from '../http/errors.ts'
import { displayName, presentUser } from '../users/presenter.ts'
import { findUser, type UserRow } from '../users/repository.ts'
import type { User } from '../users/schemas.ts'
import * as repository from './repository.ts'
import type { Session } from './schemas.ts'
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

/** Sessions: the long-lived side of being signed in. */
export interface SessionService {
  /** Starts a session in the transaction that signs the person in. */
  start(
    tx: Database,
    user: UserRow,
    client: Client,
  ): Promise<{ session: SessionCookie; access: AccessGrant }>
  /**
   * A fresh access token for a session's value, which is replaced. Where the value was replaced
   * a moment ago by somebody else with it, `session` is undefined: the cookie is right already.
   */
  refresh(
    token: string,
    client: Client,
  ): Promise<{ session: SessionCookie | undefined; access: AccessGrant }>
  /** Who is behind a session's value, which stays as it is. @throws ApiError 401 */
  identify(token: string): Promise<{ user: User; sessionId: string; expiresAt: Date }>
  list(userId: string, currentSessionId: string): Promise<Session[]>
  /** Ends one of the actor's own sessions. @throws ApiError 404 */
  revoke(actor: Actor, sessionId: string): Promise<void>
  /** Ends the session of this cookie value, if there is one. */
  signOut(token: string, client: Client): Promise<void>
}

/** Sessions as rows of Postgres; only hashes of their values are kept. */
export function createSessionService(deps: {
  db: Database
  transact: Transact
  accessTokens: AccessTokens
}): SessionService {
  const { db, transact, accessTokens } = deps

  const grant = (user: UserRow, sessionId: string): Promise<AccessGrant> =>
    accessTokens.sign({
      userId: user.id,
      sessionId,
      name: displayName(user),
      pictureUrl: user.avatar_url,
    })

  const end = (actor: Actor, sessionId: string, reason: string) =>
    transact(actor, async (tx, record) => {
      if (!(await repository.revokeSession(tx, sessionId))) return
      await record({
        type: 'session.revoked',
        workspaceId: null,
        userId: actor.userId,
        target: { type: 'session', id: sessionId },
        changes: { reason },
        sessions: [sessionId],
      })
    })

  const actorOf = (session: repository.SessionRow, client: Client): Actor => ({
    ...client,
    userId: session.user_id,
    sessionId: session.id,
    idempotency: undefined,
  })

  return {
    async start(tx, user, client) {
      const token = newSessionToken()
      const expiresAt = new Date(Date.now() + SESSION_TTL_SECONDS * 1_000)
      const sessionId = await repository.insertSession(tx, {
        userId: user.id,
        tokenHash: hashSessionToken(token),
        expiresAt,
        ip: client.ip,
        userAgent: client.userAgent,
      })
      return { session: { token, expiresAt }, access: await grant(user, sessionId) }
    },

    async refresh(token, client) {
      const fromHash = hashSessionToken(token)
      const current = await repository.findSessionByToken(db, fromHash)
      if (current) {
        const next = newSessionToken()
        const rotation = { sessionId: current.id, fromHash, toHash: hashSessionToken(next) }
        if (await repository.rotateSession(db, rotation)) {
          const user = await findUser(db, current.user_id)
          if (!user) throw sessionOver()
          const session = { token: next, expiresAt: current.expires_at }
          return { session, access: await grant(user, current.id) }
        }
      }
      const retired = await repository.findRetiredToken(db, fromHash, ROTATION_GRACE_SECONDS)
      const session = retired && (await repository.findSession(db, retired.sessionId))
      if (!session) throw sessionOver()
      const user = await findUser(db, session.user_id)
      if (retired.isWithinGrace && user) {
        return { session: undefined, access: await grant(user, session.id) }
      }
      // Its rightful owner has a newer value, so somebody else holds a copy.
      await end(actorOf(session, client), session.id, 'reused')
      throw unauthenticated('This session value was used before: sign in again')
    },

    async identify(token) {
      const session = await repository.findSessionByToken(db, hashSessionToken(token))
      const user = session && (await findUser(db, session.user_id))
      if (!session || !user) throw sessionOver()
      return { user: presentUser(user), sessionId: session.id, expiresAt: session.expires_at }
    },

    async list(userId, currentSessionId) {
      const rows = await repository.listSessions(db, userId)
      return rows.map((row) => ({
        id: row.id,
        current: row.id === currentSessionId,
        ip: row.ip,
        userAgent: row.user_agent,
        createdAt: row.created_at.toISOString(),
        lastUsedAt: row.rotated_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
      }))
    },

    async revoke(actor, sessionId) {
      const session = await repository.findSession(db, sessionId)
      if (session?.user_id !== actor.userId) throw notFound('session')
      await end(actor, sessionId, sessionId === actor.sessionId ? 'signed_out' : 'revoked')
    },

    async signOut(token, client) {
      const session = await repository.findSessionByToken(db, hashSessionToken(token))
      if (session) await end(actorOf(session, client), session.id, 'signed_out')
    },
  }
}

function sessionOver() {
  return unauthenticated('There is no such session any more: sign in again')
}
