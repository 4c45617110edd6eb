import type { SessionCheck } from '../admission/admission.ts'
import { Refusal } from '../admission/refusal.ts'
import type { TokenVerifier } from '../admission/token-verifier.ts'
import type { Connection } from '../connection/connection.ts'
import type { AccessMonitor } from './access-monitor.ts'

/** Lets a connection live on with a newer token; one that does not hold is answered `error`. */
export type TokenRefresh = (connection: Connection, token: string) => Promise<void>

/** Accepts tokens of the same person whose session lives. */
export function createTokenRefresh(deps: {
  verifyToken: TokenVerifier
  hasEnded: SessionCheck
  accessMonitor: AccessMonitor
}): TokenRefresh {
  return async (connection, token) => {
    try {
      const { sub, sid, exp } = await deps.verifyToken(token)
      const { boardId, userId } = connection
      if (sub !== userId) throw new Refusal(403, 'other_user', 'The token is somebody else’s')
      if (
        deps.accessMonitor.hasEnded(sid) ||
        (await deps.hasEnded({ boardId, userId, sessionId: sid }))
      ) {
        throw new Refusal(401, 'session_ended', 'The session of this token has ended')
      }
      connection.refresh({ sessionId: sid, expiresAt: exp * 1_000 })
      // It may have ended while that was found out, when this connection was not yet known by it.
      if (deps.accessMonitor.hasEnded(sid)) connection.refresh({ sessionId: sid, expiresAt: 0 })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      connection.sendMessage({ type: 'error', code: error.code })
    }
  }
}
