import type { Reply, Request } from './request.ts'

/** Somebody with an account. */
export type User = Reply<'GET /api/auth/me'>

/** The person who is signed in, and where they are. */
export const accountMethods = (request: Request) => ({
  /** Who is signed in. */
  me: () => request('GET /api/auth/me'),
  /** The sessions of the person. */
  sessions: () => request('GET /api/auth/sessions'),
  /** Ends a session, and with it its tokens and connections. */
  endSession: (sessionId: string) =>
    request('DELETE /api/auth/sessions/{sessionId}', { path: { sessionId } }),
  /** Ends the session of this token. */
  signOut: () => request('POST /api/auth/logout'),
})
