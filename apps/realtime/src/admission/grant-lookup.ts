import { isUuid } from '@mindfuse/internal'
import type { OriginCheck } from '@mindfuse/service-kit'
import type { Grant } from '../connection/grant.ts'
import { leaseOfToken } from '../connection/lease.ts'
import type { PermissionLookup } from './permissions.ts'
import { Refusal } from './refusal.ts'
import type { SessionCheck } from './sessions.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** Looks up what a request may be granted. @throws Refusal */
export type GrantLookup = (request: UpgradeRequest) => Promise<Grant>

/** What the lookup needs. */
export interface GrantLookupDeps {
  allowsOrigin: OriginCheck
  verifyToken: TokenVerifier
  hasEnded: SessionCheck
  permissionOf: PermissionLookup
}

/** The cheap checks come first: origin, token, board id, then session and permission together. */
export function createGrantLookup(deps: GrantLookupDeps): GrantLookup {
  return async ({ origin, token, boardId, trace }) => {
    // Every browser sends Origin, so a request without one comes from no page.
    if (origin !== undefined && !deps.allowsOrigin(origin)) {
      throw new Refusal(403, 'origin_not_allowed', 'Pages of this origin may not connect')
    }
    if (token === undefined) {
      throw new Refusal(401, 'token_required', 'Send an access token as the parameter "token"')
    }
    const claims = await deps.verifyToken(token)
    const { sub, sid, name, picture } = claims
    if (boardId === undefined || !isUuid(boardId)) throw boardNotFound()
    const applicant = { boardId: boardId.toLowerCase(), userId: sub, sessionId: sid }
    const [hasEnded, { role, version, canBroadcast }] = await Promise.all([
      deps.hasEnded(applicant, trace),
      deps.permissionOf(applicant, trace),
    ])
    if (hasEnded) throw new Refusal(401, 'session_ended', 'The session of this token has ended')
    if (role === null) throw boardNotFound()
    return {
      boardId: applicant.boardId,
      user: { id: sub, name, ...(picture !== undefined && { picture }) },
      role,
      canBroadcast,
      version,
      lease: leaseOfToken(claims),
    }
  }
}

/** The same answer for a board that does not exist and for one without access. */
function boardNotFound(): Refusal {
  return new Refusal(404, 'board_not_found', 'Board not found, or you have no access to it')
}
