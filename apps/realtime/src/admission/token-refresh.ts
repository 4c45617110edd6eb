import { looksLikeKey } from '@mindfuse/service-kit'
import type { AccessMonitor } from '../access/access-monitor.ts'
import type { Connection } from '../connection/connection.ts'
import { leaseOfToken } from '../connection/lease.ts'
import type { ApiAccess } from './api-access.ts'
import { Refusal } from './refusal.ts'
import type { TokenVerifier } from './token-verifier.ts'

/** Extends a connection with a newer token; an invalid one is answered with `error`. */
export type TokenRefresh = (connection: Connection, token: string) => Promise<void>

/** Accepts tokens of the same user whose session lives. */
export function createTokenRefresh(deps: {
  verifyToken: TokenVerifier
  askApi: ApiAccess
  accessMonitor: AccessMonitor
}): TokenRefresh {
  const { verifyToken, accessMonitor } = deps
  return async (connection, token) => {
    try {
      if (looksLikeKey(token)) {
        throw new Refusal(403, 'key_not_refreshed', 'A connection lasts as long as its key')
      }
      const claims = await verifyToken(token)
      const { sub, sid: sessionId } = claims
      const { boardId, userId } = connection
      if (sub !== userId) throw new Refusal(403, 'other_user', 'The token belongs to another user')
      const { sessionLives } = await deps.askApi({ boardId, userId, sessionId })
      // It may have ended during the lookup, when this connection did not belong to it yet.
      if (!sessionLives || accessMonitor.hasEnded(sessionId)) {
        throw new Refusal(401, 'session_ended', 'The session of this token has ended')
      }
      connection.lease = leaseOfToken(claims)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      connection.sendMessage({ type: 'error', code: error.code })
    }
  }
}
