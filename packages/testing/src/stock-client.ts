import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import { eventually } from './eventually.ts'

/** The stock y-websocket provider with a document of its own. */
export interface StockClient {
  doc: Doc
  provider: WebsocketProvider
  /** Resolves once the provider has the board's document. */
  synced(): Promise<void>
  destroy(): void
}

/** Connects to a board as any Yjs client would. `realtimeUrl` ends in `/ws`. */
export function connectStockClient(options: {
  realtimeUrl: string
  boardId: string
  /** Sent in the URL. */
  token?: string
  protocols?: string[]
  /** That of a page, for example; a bare one by default. */
  WebSocket?: typeof WebSocket
}): StockClient {
  const doc = new Doc()
  const provider = new WebsocketProvider(options.realtimeUrl, options.boardId, doc, {
    ...(options.token !== undefined && { params: { token: options.token } }),
    ...(options.protocols && { protocols: options.protocols }),
    WebSocketPolyfill: (options.WebSocket ?? WebSocket) as unknown as typeof globalThis.WebSocket,
    // Or clients of one test would sync past the gateway.
    disableBc: true,
  })
  return {
    doc,
    provider,
    synced: async () => void (await eventually('the provider is synced', () => provider.synced)),
    destroy() {
      provider.destroy()
      doc.destroy()
    },
  }
}
