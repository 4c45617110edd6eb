import { isUuid, LOBBY, type Place } from '@mindfuse/internal'
import type { OriginCheck } from '@mindfuse/service-kit'
import type { Grant } from '../connection/grant.ts'
import { leaseOfSession, leaseOfToken } from '../connection/lease.ts'
import type { ApiAccess } from './api-access.ts'
import { Refusal } from './refusal.ts'
import { keyInvalid, type SessionAccess } from './session-access.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** Looks up what a request may be granted. @throws Refusal */
export type GrantLookup = (request: UpgradeRequest) => Promise<Grant>

/** What the lookup needs. */
export interface GrantLookupDeps {
  allowsOrigin: OriginCheck
  verifyToken: TokenVerifier
  askApi: ApiAccess
  accessOfSession: SessionAccess
}

/** The cheap checks come first: origin, token, board id, then session and permission together. */
export function createGrantLookup(deps: GrantLookupDeps): GrantLookup {
  const ofToken = async (token: string, request: UpgradeRequest): Promise<Grant> => {
    const claims = await deps.verifyToken(token)
    const { sub, sid, name, picture, kind } = claims
    const applicant = { boardId: requirePlace(request), userId: sub, sessionId: sid }
    const access = await deps.askApi(applicant, request.trace)
    const { sessionLives, role, version, canBroadcast, userName = name } = access
    if (!sessionLives)
      throw new Refusal(401, 'session_ended', 'The session of this token has ended')
    if (role === null) throw boardNotFound()
    const user = {
      ...{ id: sub, name: userName },
      ...(picture !== undefined && { picture }),
      ...(kind !== undefined && { kind }),
    }
    const { boardId } = applicant
    return { boardId, user, role, canBroadcast, version, lease: leaseOfToken(claims) }
  }

  const ofSession = async (request: UpgradeRequest, key?: string): Promise<Grant> => {
    const boardId = requirePlace(request)
    const { address, sessionCookies: cookies } = request
    const applicant = { address, boardId, cookies, ...(key !== undefined && { key }) }
    const access = await deps.accessOfSession(applicant, request.trace)
    const { user, role, version, canBroadcast, sessionId } = access
    if (role === null) throw boardNotFound()
    return { boardId, user, role, canBroadcast, version, lease: leaseOfSession(sessionId) }
  }

  return async (request) => {
    const { origin, token, key, sessionCookies, isSameOriginGet } = request
    // Every browser sends Origin with an upgrade, so one without it comes from no page.
    if (origin !== undefined && !deps.allowsOrigin(origin)) {
      throw new Refusal(403, 'origin_not_allowed', 'Pages of this origin may not connect')
    }
    if (key) {
      if (origin !== undefined || isSameOriginGet) {
        throw new Refusal(403, 'key_in_page', 'A key is for programs: pages connect with a token')
      }
      if ('refused' in key) throw keyRefused(key.refused)
      return ofSession(request, key.hash)
    }
    if (token !== undefined) return ofToken(token, request)
    if (sessionCookies.length === 0) {
      throw new Refusal(401, 'token_required', 'Sign in, or send an access token or a key')
    }
    // A browser sends cookies for pages of any origin: which one it is decides.
    if (origin === undefined && !isSameOriginGet) {
      throw new Refusal(403, 'origin_required', 'Only pages can connect with a session cookie')
    }
    return ofSession(request)
  }
}

function requirePlace({ boardId, isForChannels }: UpgradeRequest): Place {
  if (isForChannels) return LOBBY
  if (boardId === undefined || !isUuid(boardId)) throw boardNotFound()
  return boardId.toLowerCase()
}

function keyRefused(code: 'key_invalid' | 'key_in_url'): Refusal {
  return code === 'key_invalid'
    ? keyInvalid()
    : new Refusal(400, code, 'Send a key as a subprotocol or in Authorization, never in the URL')
}

/** The same answer for a board that does not exist and for one without access. */
function boardNotFound(): Refusal {
  return new Refusal(404, 'board_not_found', 'Board not found, or you have no access to it')
}
