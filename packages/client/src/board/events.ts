import type { BoardRole, BoardSize, EditRefusal, PresenceUser } from '@mindfuse/protocol'
import type { Doc } from 'yjs'
import type { ConnectionState } from '../connection/state.ts'
import type { MindfuseError } from '../errors.ts'

/** Why a board was reset to the server's state. */
export type ResetReason =
  /** An edit was made as a viewer or commenter, or was still unsaved when its author became one. */
  | 'read_only'
  /** The application called `discard()`. */
  | 'discarded'
  /** Yjs failed. Unsaved edits are kept, except those that it fails on. */
  | 'document_failed'
  /** Another client stored something under this document's client id. Unsaved edits are kept. */
  | 'client_id_taken'

/** Whether the new document has the unsaved edits of the previous one. */
export function keepsEdits(reason: ResetReason): boolean {
  return reason === 'document_failed' || reason === 'client_id_taken'
}

/** A message to everyone on a board. */
export interface Broadcast {
  event: string
  /** Any JSON; check it before you use it. */
  payload: unknown
  /** The sender, as authenticated by the server. */
  user: PresenceUser
  /** The sender's connection; `null` for a broadcast over HTTP. */
  connectionId: string | null
}

/** The events of a board, with what their listeners receive. */
export interface BoardEvents {
  /** The connection state changed. */
  status: [state: ConnectionState]
  /** Whether every local edit is stored on the server. */
  saved: [isSaved: boolean]
  /** Whether the server is currently unable to store edits. */
  storage: [isDelayed: boolean]
  /** Whether the server currently cannot confirm who has access, so that nothing is received or saved. */
  paused: [isPaused: boolean]
  /** How full the board is: once connected, and when `share` passes 0.8, 0.9 or 0.99, in either direction. */
  size: [size: BoardSize]
  /** What the board is called: once connected, and when it has another name. */
  name: [name: string]
  /** The document has everything that the server had. */
  synced: []
  /** Your role changed; the change takes effect immediately. */
  role: [role: BoardRole]
  /** An edit was rejected. It is retried automatically, unless `code` says that it is too large. */
  rejected: [code: EditRefusal]
  /**
   * The board starts from the server's state: `board.doc` is a new object. `refused` is the previous
   * document, with everything in it; `reason` says whether its unsaved edits were taken back.
   */
  reset: [change: { doc: Doc; refused: Doc; reason: ResetReason }]
  /** A broadcast arrived, whatever its name. */
  broadcast: [broadcast: Broadcast]
  /** A broadcast with this name arrived: `broadcast:laser`. */
  [event: `broadcast:${string}`]: [broadcast: Broadcast]
  /** Something failed that the board works without, such as local storage, or an edit was lost. */
  error: [error: MindfuseError]
}
