import { errorOf, MindfuseError } from '../errors.ts'

/**
 * Finds out why an upgrade failed, which a browser does not tell: a plain GET of the same URL
 * answers what the upgrade was answered. `upgrade_required` says that it would succeed now.
 *
 * @param url as for the WebSocket, `ws:` or `wss:`
 * @param timeoutMs how long the answer may take
 * @throws nothing: without an answer the reason is `network_error`
 */
export async function askWhy(
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
    return new MindfuseError('network_error', 'the gateway cannot be reached', { cause })
  }
}
