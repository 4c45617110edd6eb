import type { Reply, Request } from './request.ts'

/** A user account. */
export type User = Reply<'GET /api/auth/me'>

/** The signed-in user and their sessions. */
export const accountMethods = (request: Request) => ({
  /**
   * The signed-in user.
   *
   * @example
   * ```ts
   * const { name, email } = await client.api.account.me()
   * show(`${name} <${email}>`)
   * ```
   */
  me: () => request('GET /api/auth/me'),
  /** What you use of your quotas, over all workspaces that you own. */
  usage: () => request('GET /api/usage'),
  /** The user's sessions. */
  sessions: () => request('GET /api/auth/sessions'),
  /** Ends a session with its tokens and connections. */
  endSession: (sessionId: string) =>
    request('DELETE /api/auth/sessions/{sessionId}', { path: { sessionId } }),
  /** Ends the session of this token. */
  signOut: () => request('POST /api/auth/logout'),
})
