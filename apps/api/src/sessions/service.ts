import { hashSessionToken } from '@mindfuse/service-kit'
import type { SessionCookie } from '../auth/session-cookie.ts'
import type { Actor, Client } from '../changes/actor.ts'
import { notFound, unauthenticated } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { findUser } from '../users/repository.ts'
import { findSessionOfCookie } from './cookie-session.ts'
import { type AccessGrant, grantAccess } from './grant-access.ts'
import { sessionOver } from './identify-session.ts'
import { MAX_SESSIONS } from './limit-sessions.ts'
import * as repository from './repository.ts'
import type { Session } from './schemas.ts'
import { newSalt, nextSessionToken } from './session-tokens.ts'

/**
 * How long the value before the current one still works for any client, seconds: for the other tab
 * that asked at the same moment, over another network even.
 */
export const ROTATION_GRACE_SECONDS = 10

/**
 * How long the client that had a value replaced may present it again, seconds: the reply got lost,
 * with the value in it. See ADR 0051.
 */
const REPEAT_SECONDS = 60

/** Sessions: the long-lived side of being signed in. */
export interface SessionService {
  /**
   * A fresh access token for a session's value, which is replaced. The client that had it replaced
   * a moment ago gets the same replacement again. Another client gets no `session` then: its cookie
   * is current already, or was stolen.
   */
  refresh(
    token: string,
    client: Client,
  ): Promise<{ session: SessionCookie | undefined; access: AccessGrant; userId: string }>
  list(userId: string, currentSessionId: string): Promise<Session[]>
  /** Ends one of the actor's own sessions. @throws ApiError 404 */
  revoke(actor: Actor, sessionId: string): Promise<void>
  /** Ends the session that has this cookie value, or had it: a request may just have replaced it. */
  signOut(token: string | undefined, client: Client): Promise<void>
}

/** Sessions as rows of Postgres; only hashes of their values are kept. */
export function createSessionService({
  db,
  database,
  transact,
  accessTokens,
}: Pick<Infrastructure, 'db' | 'database' | 'transact' | 'accessTokens'>): SessionService {
  const urgent = database.urgent.db

  const end = (actor: Actor, sessionId: string, reason: string) =>
    transact(actor, async (tx, record) => {
      if (!(await repository.deleteSession(tx, sessionId))) return
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
    isUrgent: true,
  })

  return {
    async refresh(token, client) {
      const fromHash = hashSessionToken(token)
      const current = await repository.findSessionByToken(db, fromHash)
      if (current) {
        const salt = newSalt()
        const next = nextSessionToken(token, salt)
        const hashes = { fromHash, toHash: hashSessionToken(next) }
        const rotation = { sessionId: current.id, ...hashes, salt, client }
        const expiresAt = await repository.rotateSession(db, rotation)
        if (expiresAt) {
          const user = await findUser(db, current.user_id)
          if (!user) throw sessionOver()
          const session = { token: next, expiresAt }
          const access = await grantAccess(accessTokens, user, current.id)
          return { session, access, userId: user.id }
        }
      }
      const retired = await repository.findRetiredToken(db, fromHash, {
        client,
        graceSeconds: ROTATION_GRACE_SECONDS,
        repeatSeconds: REPEAT_SECONDS,
      })
      const session = retired && (await repository.findSession(db, retired.sessionId))
      if (!session) throw sessionOver()
      const user = await findUser(db, session.user_id)
      const { isRepeated, isWithinGrace, salt } = retired
      if (user && (isRepeated || isWithinGrace)) {
        const again = isRepeated && salt && nextSessionToken(token, salt)
        return {
          session: again ? { token: again, expiresAt: session.expires_at } : undefined,
          access: await grantAccess(accessTokens, user, session.id),
          userId: user.id,
        }
      }
      // Its rightful owner has a newer value, so this one is a stolen copy.
      await end(actorOf(session, client), session.id, 'reused')
      throw unauthenticated('This session cookie was used before; sign in again')
    },

    async list(userId, currentSessionId) {
      const rows = await repository.listSessions(db, userId, { limit: MAX_SESSIONS })
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
      const session = await repository.findSession(urgent, sessionId)
      if (session?.user_id !== actor.userId) throw notFound('session')
      await end(actor, sessionId, sessionId === actor.sessionId ? 'signed_out' : 'revoked')
    },

    async signOut(token, client) {
      const session = token === undefined ? undefined : await findSessionOfCookie(urgent, token)
      if (session) await end(actorOf(session, client), session.id, 'signed_out')
    },
  }
}
