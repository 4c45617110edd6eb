import { errorOf, MindfuseError } from '../errors.ts'
import type { AccessToken, GetToken } from './tokens.ts'

/**
 * Gets tokens for the session that the browser's cookie stands for: `POST /api/auth/token`. This is
 * what a client does that is given no `getToken`.
 */
export function sessionToken(apiUrl: string, fetch: typeof globalThis.fetch): GetToken {
  return async ({ signal }) => {
    const response = await fetch(`${apiUrl}/api/auth/token`, {
      method: 'POST',
      credentials: 'include',
      signal,
    }).catch((cause) => {
      throw new MindfuseError('network_error', 'the API cannot be reached', { cause })
    })
    if (!response.ok) throw await errorOf(response)
    return (await response.json()) as AccessToken
  }
}
