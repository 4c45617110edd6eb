/**
 * Sessions that ended while their access tokens may still be valid. A shortcut for admission: the API
 * itself knows for certain.
 */
export interface SessionRevocations {
  /** Remembers ended sessions for as long as an access token may live. */
  add(sessionIds: string[]): Promise<void>
  /**
   * Whether a session has ended; undefined where that is unknown here, because the store is younger
   * than {@link REVOCATION_TTL_SECONDS} and may have lost older revocations.
   */
  has(sessionId: string): Promise<boolean | undefined>
}

/** How long a revocation is remembered, seconds: longer than any access token lives. */
export const REVOCATION_TTL_SECONDS = 1_800
