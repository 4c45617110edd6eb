/** What a store has of a board. */
export interface StoredBoard {
  /** Updates that the server has. */
  known: Uint8Array[]
  /** Local edits that the server may not have. */
  unsaved: Uint8Array[]
  /** What the tabs of this machine derive new client ids from. */
  secret: Uint8Array
}

/**
 * Keeps a board's edits on this machine, so that offline edits survive a reload. Several tabs may use
 * the store of one board: each marks its own edits, and those that it read, as saved. Every method may
 * reject; the board then works without the store.
 */
export interface BoardStore {
  /** Reads what other tabs or an earlier page stored since the last call. */
  read(): Promise<StoredBoard>
  /** Stores a local edit. */
  keepUnsaved(update: Uint8Array): Promise<void>
  /** Stores an update of the server. */
  keepKnown(update: Uint8Array): Promise<void>
  /** The server has every edit that this store wrote or read. */
  markSaved(): Promise<void>
  /** Deletes the unsaved edits that this store wrote or read, and returns all others. */
  discardUnsaved(): Promise<Uint8Array[]>
  /** Replaces the unsaved edits that this store wrote or read by these. */
  replaceUnsaved(updates: readonly Uint8Array[]): Promise<void>
  /** Deletes everything but unsaved edits. */
  dropKnown(): Promise<void>
  /** Deletes the board's database. */
  forget(): Promise<void>
  close(): Promise<void>
}
