/** An access token, as `POST /api/auth/token` returns it. */
export interface AccessToken {
  accessToken: string
  /** RFC 3339. */
  expiresAt: string
  /** Whose it is: a client refuses that of another user than the one it began with. */
  userId?: string
}

/**
 * Fetches a new access token. Throw a {@link MindfuseError} with status 401 if the user has to sign in,
 * and anything else if it may work later.
 *
 * @example
 * ```ts
 * import type { GetToken } from '@mindfuse/client'
 *
 * const getToken: GetToken = async ({ signal }) => {
 *   const response = await fetch('/my-server/whiteboard-token', { signal })
 *   if (response.status === 401) throw new MindfuseError('unauthorized', 'Sign in', { status: 401 })
 *   return await response.json()
 * }
 * show(createClient({ apiUrl, realtimeUrl, getToken, environment }).saved)
 * ```
 */
export type GetToken = (options: { signal: AbortSignal }) => Promise<AccessToken>
