import type { GetToken } from './access-token.ts'

/** A key takes the place of a token, and is not renewed: it lasts until it is revoked. */
const FOR_EVER = new Date(8.64e15).toISOString()

/**
 * Uses a key in place of access tokens.
 *
 * @throws TypeError in a browser, whose users could read it
 */
export function keyToken(key: string): GetToken {
  if (globalThis.document !== undefined) {
    throw new TypeError('A key is for programs: in a browser pass `getToken`')
  }
  return async () => ({ accessToken: key, expiresAt: FOR_EVER })
}
