/** How long an entry is kept, seconds. */
export const PERMISSION_TTL_SECONDS = 60

/** A person with one of their sessions, on a board. */
export interface PermissionKey {
  boardId: string
  userId: string
  sessionId: string
}

/**
 * What the API last answered about who may do what on which board. Entries may be old, missing, or written
 * late: each says itself as of when it is, and who reads it decides whether that counts.
 */
export interface PermissionCache {
  /** The entry, or undefined where there is none. */
  get(key: PermissionKey): Promise<string | undefined>
  /** Keeps an entry for {@link PERMISSION_TTL_SECONDS}. */
  set(key: PermissionKey, entry: string): Promise<void>
}
