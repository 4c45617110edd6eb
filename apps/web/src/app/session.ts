import {
  type AccessToken,
  type Client,
  type ClientOptions,
  createClient,
  MindfuseError,
  sessionToken,
  type User,
} from '@mindfuse/client'

/** The session found when the page opens. */
export type Session =
  | { kind: 'signed_in'; client: Client; user: User }
  | { kind: 'signed_out' }
  /** The server could not be reached. */
  | { kind: 'unknown' }

/** Where tokens come from, where that is not the session's cookie. */
type TokenSource = Pick<ClientOptions, 'getToken'>

const addresses = () => ({ apiUrl: location.origin, realtimeUrl: realtimeUrl() })

/** A client of whoever the cookies belong to, or will belong to. */
export function createAnonymousClient(source: TokenSource = {}): Client {
  return createClient({ ...addresses(), ...source })
}

/**
 * Asks the API for the user of the session cookie, who may be a guest, or of the tokens of another source, and
 * creates a client for them.
 */
export async function openSession(source: TokenSource = {}): Promise<Session> {
  const { getToken = sessionToken(location.origin) } = source
  const tokens: AccessToken[] = []
  // Locally kept edits belong to a user, so the real client needs the user id first.
  const anonymous = createAnonymousClient({
    async getToken(options) {
      const token = await getToken(options)
      tokens.push(token)
      return token
    },
  })
  try {
    const user = await anonymous.api.account.me()
    const client = createClient({ ...addresses(), ...source, userId: user.id })
    // Otherwise its first request would wait for a token of its own.
    await client.setAuth(tokens.at(-1))
    client.guardUnload(window)
    return { kind: 'signed_in', client, user }
  } catch (error) {
    const isSignedOut = error instanceof MindfuseError && error.status === 401
    return { kind: isSignedOut ? 'signed_out' : 'unknown' }
  } finally {
    await anonymous.close()
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

/** The API writes the URL into the page. */
function realtimeUrl(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=mindfuse-realtime-url]')
  return meta?.content ?? ''
}
