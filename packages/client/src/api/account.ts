import type { Reply, Request } from './request.ts'

/** A user account. */
export type User = Reply<'GET /api/auth/me'>

/**
 * The signed-in user and their sessions.
 *
 * @param renewToken fetches a token in place of the one that has a former name
 */
export const accountMethods = (request: Request, renewToken: () => Promise<unknown>) => ({
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
  /**
   * Changes what the user is called, also where they are connected; with null to what the identity provider calls
   * them.
   *
   * @example
   * ```ts
   * const { name } = await client.api.account.update({ name: 'Ada King' })
   * show(name)
   * ```
   */
  async update(change: { name: string | null }): Promise<User> {
    const user = await request('PATCH /api/auth/me', { body: change })
    // The name is changed anyway, and the next token has it.
    await renewToken().catch(() => undefined)
    return user
  },
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
