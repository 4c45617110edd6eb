import { type BoardRole, isUuid } from '@mindfuse/protocol'
import type { PermissionLookup } from './permissions.ts'
import { Refusal } from './refusal.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** Somebody who may come in: who, where to and as what. */
export interface Admitted {
  boardId: string
  role: BoardRole
  userId: string
  sessionId: string
}

/** Decides on an upgrade. @throws Refusal */
export type Admission = (request: UpgradeRequest) => Promise<Admitted>

/** The checks before the upgrade, the cheap ones first: origin, token, permission. */
export function createAdmission(deps: {
  webOrigins: readonly string[]
  verifyToken: TokenVerifier
  permissionOf: PermissionLookup
}): Admission {
  return async ({ origin, token, boardId }) => {
    // No browser leaves Origin out, so a request without one cannot be a page's.
    if (origin !== undefined && !deps.webOrigins.includes(origin)) {
      throw new Refusal(403, 'origin_not_allowed', 'Pages of this origin may not connect')
    }
    if (token === undefined) {
      throw new Refusal(401, 'token_required', 'Send an access token as the parameter "token"')
    }
    const { sub: userId, sid: sessionId } = await deps.verifyToken(token)
    if (boardId === undefined || !isUuid(boardId)) throw boardNotFound()
    const board = boardId.toLowerCase()
    const { role } = await deps.permissionOf(board, userId)
    if (role === null) throw boardNotFound()
    return { boardId: board, role, userId, sessionId }
  }
}

/** The same for a board that does not exist and for one that is not theirs. */
function boardNotFound(): Refusal {
  return new Refusal(404, 'board_not_found', 'There is no such board, or it is not yours')
}
