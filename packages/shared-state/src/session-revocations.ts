/**
 * Sessions that ended while access tokens of theirs may still be valid. A shortcut for admission:
 * the API itself knows for certain.
 */
export interface SessionRevocations {
  /** Remembers ended sessions for as long as an access token may live. */
  add(sessionIds: string[]): Promise<void>
  has(sessionId: string): Promise<boolean>
}

/** How long a revocation is remembered, seconds: longer than any access token lives. */
export const REVOCATION_TTL_SECONDS = 1_800
