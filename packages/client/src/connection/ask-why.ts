import { errorOf, MindfuseError } from '../errors.ts'

/** How long the answer may take, milliseconds. */
const ASK_TIMEOUT_MS = 10_000

/**
 * Finds out why an upgrade failed, which a browser does not tell: a plain GET of the same URL
 * answers what the upgrade was answered. `upgrade_required` says that it would succeed now.
 *
 * @param url as for the WebSocket, `ws:` or `wss:`
 * @throws nothing: without an answer the reason is `network_error`
 */
export async function askWhy(
  url: string,
  accessToken: string,
  fetch: typeof globalThis.fetch,
): Promise<MindfuseError> {
  try {
    const response = await fetch(url.replace(/^ws/, 'http'), {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    })
    return await errorOf(response)
  } catch (cause) {
    return new MindfuseError('network_error', 'the gateway cannot be reached', { cause })
  }
}
