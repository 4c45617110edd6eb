/** What a store had of a board. */
export interface StoredBoard {
  /** Updates that the server has. */
  known: Uint8Array[]
  /** Updates that were drawn here and that the server may not have. */
  unsaved: Uint8Array[]
}

/**
 * Keeps a board's edits on this machine, so that what was drawn offline survives a reload. Several
 * tabs may keep the same board: each says of its own edits, and of those that it read, when they
 * are saved. Every method may reject; the board goes on without what it would have kept.
 */
export interface BoardStore {
  /** Reads what other tabs or an earlier page kept and this store has not read yet. */
  read(): Promise<StoredBoard>
  /** Keeps an edit that was made here. */
  keepUnsaved(update: Uint8Array): Promise<void>
  /** Keeps what came from the server. */
  keepKnown(update: Uint8Array): Promise<void>
  /** The server has every edit that was kept or read here. */
  markSaved(): Promise<void>
  /** Forgets the edits that were kept or read here and are not saved, and reads all others. */
  discardUnsaved(): Promise<Uint8Array[]>
  /** Forgets the board. */
  forget(): Promise<void>
  close(): Promise<void>
}
