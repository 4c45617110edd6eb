import type { BoardRole, PresenceUser } from '@mindfuse/protocol'
import type { Lease } from './lease.ts'

/** What admission grants: who may connect to which board, and what they may do there. */
export interface Grant {
  boardId: string
  user: PresenceUser
  role: BoardRole
  /** Whether the user may send broadcasts to the board. */
  canBroadcast: boolean
  /** The board's access version that the role was read at. */
  version: number
  lease: Lease
}
