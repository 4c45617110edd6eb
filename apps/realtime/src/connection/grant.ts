import type { BoardRole, PresenceUser } from '@mindfuse/protocol'

/** The access token that a connection lives on: it ends with the token, or with its session. */
export interface TokenLease {
  readonly sessionId: string
  /** End of the access token, milliseconds since 1970. */
  readonly expiresAt: number
}

/** What admission grants: who may connect to which board, and what they may do there. */
export interface Grant {
  boardId: string
  user: PresenceUser
  role: BoardRole
  /** Whether the user may send broadcasts to the board. */
  canBroadcast: boolean
  /** The board's access version that the role was read at. */
  version: number
  token: TokenLease
}
