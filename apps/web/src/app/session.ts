import { type Client, createClient, MindfuseError, sessionToken, type User } from '@mindfuse/client'
import { tokenOfEmbeddingPage } from './embedding-page.ts'
import { fetchToken } from './first-request.ts'
import { routeOf } from './router.ts'

/** How long fetching the first token may take, milliseconds. */
const TOKEN_TIMEOUT_MS = 15_000

/** The session found when the page opens. */
export type Session =
  | { kind: 'signed_in'; client: Client; user: User }
  | { kind: 'signed_out' }
  /** The server could not be reached. */
  | { kind: 'unknown' }

const addresses = () => ({ apiUrl: location.origin, realtimeUrl: realtimeUrl() })

/** A client of whoever the cookies belong to, or will belong to. */
export function createAnonymousClient(): Client {
  return createClient(addresses())
}

/**
 * Finds out who is signed in, who may be a guest, and creates a client for them: with the session's cookie or, on a
 * page within a page, with tokens of that one.
 *
 * @param onClient asks for more, while it is not yet known who the user is
 */
export async function openSession(onClient?: (client: Client) => void): Promise<Session> {
  const getToken =
    routeOf(location.pathname).kind === 'embedded'
      ? tokenOfEmbeddingPage
      : sessionToken(location.origin, fetchToken)
  let client: Client | undefined
  try {
    const token = await getToken({ signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS) })
    // Edits are kept on the device by user.
    const userId = token.userId ?? userOf(token.accessToken)
    client = createClient({ ...addresses(), getToken, ...(userId && { userId }) })
    await client.setAuth(token)
    onClient?.(client)
    const user = await client.api.account.me()
    client.guardUnload(window)
    return { kind: 'signed_in', client, user }
  } catch (error) {
    await client?.close()
    const isSignedOut = error instanceof MindfuseError && error.status === 401
    return { kind: isSignedOut ? 'signed_out' : 'unknown' }
  }
}

/** The sign-in URL that returns to `path`; with `selectAccount` people choose who they are. */
export function signInUrl(path: string, { selectAccount = false } = {}): string {
  const query = `returnTo=${encodeURIComponent(path)}`
  return `/api/auth/sign-in?${query}${selectAccount ? '&prompt=select_account' : ''}`
}

/** The same with one identity provider, for the query of {@link signInUrl} that led to the page with all. */
export function signInUrlOf(providerId: string, query: string): string {
  return `/api/auth/${encodeURIComponent(providerId)}${query}`
}

/** Whose token it is, where a page did not say. */
function userOf(accessToken: string): string | undefined {
  const [, payload = ''] = accessToken.split('.')
  try {
    const { sub } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof sub === 'string' ? sub : undefined
  } catch {
    return undefined
  }
}

/** The API writes the URL into the page. */
function realtimeUrl(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=mindfuse-realtime-url]')
  return meta?.content ?? ''
}
