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

/** Whose access token a client connects with. */
type Bearer = Pick<SignedIn, 'accessToken'>

/** Where a gateway is: its number among the test's own, or its URL, which ends in `/ws`. */
type GatewayPlace = number | string

/** Opens clients of each kind to a board: of one person and on one board unless told otherwise. */
export interface Clients {
  /** A `whiteboard.v1` connection that has been greeted and whose board is loaded. */
  whiteboard(gateway?: GatewayPlace, who?: Bearer, boardId?: string): Promise<WhiteboardClient>
  /** A bare socket without text frames, whose board is loaded. */
  raw(gateway?: GatewayPlace, who?: Bearer, boardId?: string): Promise<RawClient>
  /** The stock provider, still connecting. */
  stock(gateway?: GatewayPlace, who?: Bearer, boardId?: string): StockClient
  /** Ends another client with these. */
  keep<Client extends { destroy(): void }>(client: Client): Client
  /** Ends all clients now. */
  endAll(): void
}

/** @param defaults the gateways by their number, and what a client has unless told otherwise */
export function createClients(defaults: {
  realtimeUrls: readonly string[]
  who: Bearer
  boardId: string
}): Clients {
  const open: { destroy(): void }[] = []
  const addressOf = (gateway: GatewayPlace = 0, who = defaults.who, boardId = defaults.boardId) => {
    const realtimeUrl = typeof gateway === 'string' ? gateway : defaults.realtimeUrls[gateway]
    if (realtimeUrl === undefined) throw new RangeError(`there is no gateway ${gateway}`)
    return { realtimeUrl, boardId, token: who.accessToken }
  }
  const keep: Clients['keep'] = (client) => {
    open.push(client)
    return client
  }
  // The gateway asks each client for its changes once it has the document.
  const loaded = async <Client extends RawClient>(client: Client): Promise<Client> => {
    await eventually('the board is loaded', () => client.frames.length > 0)
    return client
  }
  return {
    keep,
    endAll() {
      for (const client of open.splice(0)) client.destroy()
    },
    whiteboard: async (...place) => loaded(keep(await connectWhiteboard(addressOf(...place)))),
    async raw(...place) {
      const { realtimeUrl, boardId, token } = addressOf(...place)
      return loaded(keep(await connectRaw(`${realtimeUrl}/${boardId}?token=${token}`)))
    },
    stock: (...place) => keep(connectStockClient(addressOf(...place))),
  }
}
