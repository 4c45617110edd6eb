import {
  connectRaw,
  connectStockClient,
  connectWhiteboard,
  eventually,
  type RawClient,
  type SignedIn,
  type StockClient,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { afterEach } from 'vitest'

/** Opens clients of each kind, which end with the test that opened them. */
export interface Clients {
  /** A `whiteboard.v1` connection that has been greeted and whose board is loaded. */
  whiteboard(gateway: number, who: SignedIn): Promise<WhiteboardClient>
  /** A bare socket without text frames, whose board is loaded. */
  raw(gateway: number, who: SignedIn): Promise<RawClient>
  /** The stock provider, on its way. */
  stock(gateway: number, who: SignedIn): StockClient
  /** Ends a client of a test's own with the others. */
  keep<Client extends { destroy(): void }>(client: Client): Client
  /** Ends all of them now. */
  endAll(): void
}

/**
 * The clients of a test file; call it once, at the top.
 * @param placeOf where somebody goes who connects to a gateway, asked at each connect
 */
export function useClients(
  placeOf: (gateway: number) => { realtimeUrl: string | undefined; boardId: string },
): Clients {
  const open: { destroy(): void }[] = []
  const addressOf = (gateway: number, { accessToken }: SignedIn) => {
    const { realtimeUrl, boardId } = placeOf(gateway)
    if (realtimeUrl === undefined) throw new RangeError(`there is no gateway ${gateway}`)
    return { realtimeUrl, boardId, token: accessToken }
  }
  const keep: Clients['keep'] = (client) => {
    open.push(client)
    return client
  }
  // The gateway asks each client once it has the document.
  const loaded = async <Client extends RawClient>(client: Client): Promise<Client> => {
    await eventually('the board is loaded', () => client.frames.length > 0)
    return client
  }
  const endAll = () => {
    for (const client of open.splice(0)) client.destroy()
  }
  afterEach(endAll)
  return {
    keep,
    endAll,
    whiteboard: async (gateway, who) =>
      loaded(keep(await connectWhiteboard(addressOf(gateway, who)))),
    async raw(gateway, who) {
      const { realtimeUrl, boardId, token } = addressOf(gateway, who)
      return loaded(keep(await connectRaw(`${realtimeUrl}/${boardId}?token=${token}`)))
    },
    stock: (gateway, who) => keep(connectStockClient(addressOf(gateway, who))),
  }
}
