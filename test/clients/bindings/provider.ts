import type { Client, Place } from '../client.ts'

/** As much of a y-websocket provider, of any version, as the bindings use. */
interface Provider {
  wsconnected: boolean
  synced: boolean
  awareness: Awareness
  params?: Record<string, string>
  connect(): void
  destroy(): void
  on(name: 'status', listener: (event: { status: string }) => void): void
}

/** As much of an awareness, of any version, as the bindings use. */
export interface Awareness {
  clientID: number
  getStates(): Map<number, Record<string, any>>
  setLocalStateField(field: string, value: unknown): void
}

type ProviderClass<Doc, Made extends Provider> = new (
  url: string,
  room: string,
  doc: Doc,
  options: { params: Record<string, string>; disableBc: boolean },
) => Made

/** The part of a client that its provider makes. */
export type Connection = Pick<
  Client,
  'isConnected' | 'connections' | 'isSynced' | 'renew' | 'close'
>

/** Connects a document through a y-websocket provider, as the provider's README does. */
export function connect<Doc extends { destroy(): void }, Made extends Provider>(
  WebsocketProvider: ProviderClass<Doc, Made>,
  doc: Doc,
  { realtimeUrl, boardId, token, userName }: Place,
): { provider: Made; awareness: Made['awareness']; connection: Connection } {
  const provider = new WebsocketProvider(realtimeUrl, boardId, doc, {
    params: { token },
    // Or two clients in one process would sync past the gateway.
    disableBc: true,
  })
  const { awareness } = provider
  awareness.setLocalStateField('user', { name: userName, color: '#30bced' })
  let connections = 0
  provider.on('status', ({ status }) => {
    if (status === 'connected') connections++
  })
  return {
    provider,
    awareness,
    connection: {
      isConnected: () => provider.wsconnected,
      connections: () => connections,
      isSynced: () => provider.synced,
      renew(token) {
        provider.params = { token }
        provider.connect()
      },
      close() {
        provider.destroy()
        doc.destroy()
      },
    },
  }
}

/** The names in the awareness states of others that have this field. */
export function namesWith(awareness: Awareness, field: string): string[] {
  return [...awareness.getStates()]
    .filter(([clientId, state]) => clientId !== awareness.clientID && state[field])
    .map(([, state]) => state.user?.name)
}
