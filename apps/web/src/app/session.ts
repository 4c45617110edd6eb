import { type Client, createClient, MindfuseError, type User } from '@mindfuse/client'

/** Who is here, when the page opens. */
export type Session =
  | { kind: 'signed_in'; client: Client; user: User }
  | { kind: 'signed_out' }
  /** The server did not say. */
  | { kind: 'unknown' }

/** Asks the API who the session's cookie stands for, and opens a client for them. */
export async function openSession(): Promise<Session> {
  const addresses = { apiUrl: location.origin, realtimeUrl: realtimeUrl() }
  // Whose edits this machine keeps can be said only once it is known who that is.
  const stranger = createClient(addresses)
  try {
    const user = await stranger.api.account.me()
    const client = createClient({ ...addresses, userId: user.id })
    client.guardUnload(window)
    return { kind: 'signed_in', client, user }
  } catch (error) {
    const isSignedOut = error instanceof MindfuseError && error.status === 401
    return { kind: isSignedOut ? 'signed_out' : 'unknown' }
  } finally {
    await stranger.close()
  }
}

/** Where to go to sign in, and to come back from to `path`. */
export function signInUrl(path: string): string {
  return `/api/auth/google?returnTo=${encodeURIComponent(path)}`
}

/** The server writes it into the page. */
function realtimeUrl(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=mindfuse-realtime-url]')
  return meta?.content ?? ''
}
