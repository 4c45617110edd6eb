import type { BoardRole, PresenceUser } from '@mindfuse/protocol'
import { MindfuseError } from '../errors.ts'

/** Why a connection is refused; reconnecting unchanged would not help. */
export type DenialReason =
  /** There is no session: the user has to sign in. */
  | 'sign_in_required'
  /** The session is now that of another user, who signed in in another tab: reload the page. */
  | 'signed_in_as_another'
  /** Access to the board was removed while connected. */
  | 'access_removed'
  /** The board does not exist, is in the trash, or is not shared with the user. */
  | 'board_not_found'
  /** The deployment does not allow this page's origin. */
  | 'origin_not_allowed'
  /** Something exceeded a limit of a gateway of an earlier release. */
  | 'too_large'
  /** The gateway does not understand this version of the SDK. */
  | 'protocol'
  /** Yjs fails on the board's content; the owner can restore a version. */
  | 'document_failed'

/** The states of a connection that is not online. */
export type NotOnline =
  /** `attempt` counts from 1, and again from 1 after a stable connection. */
  | { kind: 'connecting'; attempt: number }
  /** Reconnects automatically at `retryAt`, milliseconds since 1970. `code` is the reason. */
  | { kind: 'offline'; code: string; retryAt: number }
  /** Does not reconnect automatically. `code` is the server's. */
  | { kind: 'denied'; reason: DenialReason; code: string }
  | { kind: 'closed' }

/** The state of a board's connection. */
export type ConnectionState =
  | NotOnline
  | {
      kind: 'online'
      connectionId: string
      user: PresenceUser
      role: BoardRole
      canBroadcast: boolean
    }

/** The error of what waits for a connection that is denied. */
export function deniedError(
  { code, reason }: Extract<NotOnline, { kind: 'denied' }>,
  place = 'this board',
): MindfuseError {
  return new MindfuseError(code, `The server denies access to ${place}: ${reason}`)
}
