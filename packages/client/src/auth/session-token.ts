import { errorOf, MindfuseError } from '../errors.ts'
import type { AccessToken, GetToken } from './access-token.ts'

/**
 * Fetches tokens with the browser's session cookie: `POST /api/auth/token`. The default of `getToken`, for those who do
 * something of their own with the tokens.
 *
 * @example
 * ```ts
 * const getToken = sessionToken('https://api.example')
 * show(createClient({ apiUrl, realtimeUrl, getToken, environment }).saved)
 * ```
 */
export function sessionToken(apiUrl: string, fetch = globalThis.fetch): GetToken {
  return async ({ signal }) => {
    const response = await fetch(`${apiUrl}/api/auth/token?optional=true`, {
      method: 'POST',
      credentials: 'include',
      signal,
    }).catch((cause) => {
      throw new MindfuseError('network_error', 'The API cannot be reached', { cause })
    })
    if (response.status === 204) {
      throw new MindfuseError('unauthenticated', 'There is no session cookie: sign in', {
        status: 401,
      })
    }
    if (!response.ok) throw await errorOf(response)
    return (await response.json()) as AccessToken
  }
}
