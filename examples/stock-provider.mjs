// Connects a document to a board with the stock y-websocket provider, of version 2 or 3: with a new access token
// for each attempt, and with reports of what goes wrong. The README shows it.
import { readVarString, readVarUint } from 'lib0/decoding'

/**
 * @param WebsocketProvider of y-websocket
 * @param recipe.token an access token, and `recipe.getToken` how to get another one
 * @param recipe.report receives why a connection was closed or refused, and why an edit was
 * @param recipe.options the provider's own
 */
export function connectProvider(WebsocketProvider, recipe) {
  const { url, boardId, doc, token, getToken, report, options } = recipe

  const protocols = ['yjs', `bearer.${token}`]
  const provider = new WebsocketProvider(url, boardId, doc, { ...options, protocols })
  provider.on('connection-close', async (event) => {
    if (event?.reason) report(event.reason)
    const next = await getToken().catch(() => undefined)
    if (next) protocols[1] = `bearer.${next}`
  })
  provider.on('connection-error', async () => {
    const headers = { authorization: protocols[1].replace('.', ' ') }
    const get = fetch(provider.url.replace('ws', 'http'), { headers })
    const problem = await get.then((response) => response.json()).catch(() => undefined)
    if (problem && problem.status !== 426) report(problem.detail)
  })
  provider.messageHandlers[2] = (_, decoder) => {
    if (readVarUint(decoder) === 0) report(readVarString(decoder))
  }

  return provider
}
