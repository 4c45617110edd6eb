import { isUuid } from '@mindfuse/internal'
import type { BoardRole, PresenceUser } from '@mindfuse/protocol'
import type { TraceContext } from '@mindfuse/service-kit'
import type { Applicant } from './api-access.ts'
import type { PermissionLookup } from './permissions.ts'
import { Refusal } from './refusal.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** Somebody who may come in: who, where to and as what. */
export interface Admitted {
  boardId: string
  role: BoardRole
  /** The board's access version that the role was read at. */
  version: number
  /** Whether they may say something to the board. */
  canBroadcast: boolean
  user: PresenceUser
  sessionId: string
  /** End of the access token, milliseconds since 1970. */
  expiresAt: number
}

/** Decides on an upgrade. @throws Refusal */
export type Admission = (request: UpgradeRequest) => Promise<Admitted>

/** Whether a session has ended although tokens of it are still valid. @throws Refusal 503 */
export type SessionCheck = (applicant: Applicant, trace?: TraceContext) => Promise<boolean>

/** The checks before the upgrade, the cheap ones first: origin, token, session, permission. */
export function createAdmission(deps: {
  webOrigins: readonly string[]
  verifyToken: TokenVerifier
  hasEnded: SessionCheck
  permissionOf: PermissionLookup
}): Admission {
  return async ({ origin, token, boardId, trace }) => {
    // No browser leaves Origin out, so a request without one cannot be a page's.
    if (origin !== undefined && !deps.webOrigins.includes(origin)) {
      throw new Refusal(403, 'origin_not_allowed', 'Pages of this origin may not connect')
    }
    if (token === undefined) {
      throw new Refusal(401, 'token_required', 'Send an access token as the parameter "token"')
    }
    const claims = await deps.verifyToken(token)
    if (boardId === undefined || !isUuid(boardId)) throw boardNotFound()
    const applicant = {
      boardId: boardId.toLowerCase(),
      userId: claims.sub,
      sessionId: claims.sid,
    }
    const [hasEnded, { role, version, canBroadcast }] = await Promise.all([
      deps.hasEnded(applicant, trace),
      deps.permissionOf(applicant, trace),
    ])
    if (hasEnded) throw new Refusal(401, 'session_ended', 'The session of this token has ended')
    if (role === null) throw boardNotFound()
    return {
      boardId: applicant.boardId,
      role,
      version,
      canBroadcast,
      user: {
        id: claims.sub,
        name: claims.name,
        ...(claims.picture !== undefined && { picture: claims.picture }),
      },
      sessionId: claims.sid,
      expiresAt: claims.exp * 1_000,
    }
  }
}

/** The same for a board that does not exist and for one that is not theirs. */
function boardNotFound(): Refusal {
  return new Refusal(404, 'board_not_found', 'There is no such board, or it is not yours')
}
