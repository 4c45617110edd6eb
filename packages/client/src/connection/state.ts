import type { BoardRole, PresenceUser } from '@mindfuse/protocol'

/** Why somebody is not let in; coming back unchanged would not help. */
export type DenialReason =
  /** There is no session: somebody has to sign in. */
  | 'sign_in_required'
  /** Access to the board was removed while connected. */
  | 'access_removed'
  /** No such board, in the trash, or not theirs; which of these is not told. */
  | 'board_not_found'
  /** This page's origin is not one of the deployment's. */
  | 'origin_not_allowed'
  /** An awareness state is over its limit. */
  | 'too_large'
  /** The gateway does not understand this client: another version is needed. */
  | 'protocol'

/** How a board's connection is. */
export type ConnectionState =
  /** On its way. `attempt` counts from 1 and anew after a connection that held. */
  | { kind: 'connecting'; attempt: number }
  | {
      kind: 'online'
      connectionId: string
      user: PresenceUser
      role: BoardRole
      canBroadcast: boolean
    }
  /** Comes back by itself at `retryAt`, milliseconds since 1970. `code` says why it went. */
  | { kind: 'offline'; code: string; retryAt: number }
  /** Does not come back by itself. `code` is the server's. */
  | { kind: 'denied'; reason: DenialReason; code: string }
  | { kind: 'closed' }
