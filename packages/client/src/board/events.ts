import type { BoardRole, EditRefusal, PresenceUser } from '@mindfuse/protocol'
import type { Doc } from 'yjs'
import type { ConnectionState } from '../connection/state.ts'
import type { MindfuseError } from '../errors.ts'

/** Why a board went back to what the server has. */
export type ResetReason =
  /** Something was drawn here as a viewer, or before one became a viewer. */
  | 'read_only'
  /** The application asked for it. */
  | 'discarded'

/** What somebody said to the board. */
export interface Broadcast {
  event: string
  /** Whatever they sent: look at it before it is used. */
  payload: unknown
  /** Who said it; the server knows. */
  user: PresenceUser
  /** From which connection; `null` over HTTP. */
  connectionId: string | null
}

/** What a board tells. */
export interface BoardEvents {
  /** The connection is another now. */
  status: [state: ConnectionState]
  /** Whether everything that was drawn here is stored. */
  saved: [isSaved: boolean]
  /** Whether the server cannot store what is drawn right now. */
  storage: [isDelayed: boolean]
  /** Everything that the server has is here. */
  synced: []
  /** One's role is another now; it counts at once. */
  role: [role: BoardRole]
  /** An edit was refused. It comes by itself again, unless `code` says that it is too much. */
  rejected: [code: EditRefusal]
  /**
   * What was drawn here and not stored was taken back: `board.doc` is another object now. `refused`
   * is the one before, with everything in it.
   */
  reset: [change: { doc: Doc; refused: Doc; reason: ResetReason }]
  /** Somebody said something to the board, under whatever name. */
  broadcast: [broadcast: Broadcast]
  /** Somebody said something to the board, by its name: `broadcast:laser`. */
  [event: `broadcast:${string}`]: [broadcast: Broadcast]
  /** Something failed that the board goes on without, as keeping edits on this machine. */
  error: [error: MindfuseError]
}
