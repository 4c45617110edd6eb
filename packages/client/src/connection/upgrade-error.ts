import { errorOf, MindfuseError } from '../errors.ts'

/**
 * Fetches the reason why an upgrade failed, which a browser does not reveal: a plain GET of the same
 * URL gets the same answer. `upgrade_required` means that an upgrade would succeed now.
 *
 * @param url as for the WebSocket, `ws:` or `wss:`
 * @param timeoutMs how long the answer may take
 * @returns `network_error` without an answer; never throws
 */
export async function fetchUpgradeError(
  url: string,
  accessToken: string,
  fetch: typeof globalThis.fetch,
  timeoutMs: number,
): Promise<MindfuseError> {
  try {
    const response = await fetch(url.replace(/^ws/, 'http'), {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(timeoutMs),
    })
    return await errorOf(response)
  } catch (cause) {
    return new MindfuseError('network_error', 'The gateway cannot be reached', { cause })
  }
}
