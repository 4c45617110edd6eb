/**
 * Keeps files of a board on this machine, by their digests: those that wait for their upload, and some that were
 * seen, for when the server cannot be reached. Several tabs may use the store of one board. Every method may
 * reject; the board then works without the store.
 */
export interface FileStore {
  /** All that wait for their upload, those of other tabs too. */
  waiting(): Promise<Map<string, Blob>>
  /** Keeps a file until it is uploaded. */
  keepWaiting(digest: string, file: Blob): Promise<void>
  /** It is not to be uploaded after all. */
  dropWaiting(digest: string): Promise<void>
  /** The server has it: from now on it is one of those that were seen. */
  markUploaded(digest: string): Promise<void>
  /** A file that waits or was seen. */
  read(digest: string): Promise<Blob | undefined>
  /** Keeps a file that was seen, until there is no room for it. */
  keepSeen(digest: string, file: Blob): Promise<void>
  /** Deletes all of the board's. */
  forget(): Promise<void>
}
