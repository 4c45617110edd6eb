import { connectProvider } from '../../../examples/stock-provider.mjs'
import type { Client, Place } from '../client.ts'

/** As much of a y-websocket provider, of any version, as the bindings use. */
interface Provider {
  wsconnected: boolean
  synced: boolean
  awareness: Awareness
  messageHandlers: MessageHandler[]
  connect(): void
  destroy(): void
  on(name: 'status', listener: (event: { status: string }) => void): void
}

type MessageHandler = (encoder: any, decoder: any, ...more: any[]) => void

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
  options: Record<string, any>,
) => Made

/** The part of a client that its provider makes. */
export type Connection = Pick<
  Client,
  'isConnected' | 'connections' | 'isSynced' | 'sweep' | 'sweeps' | 'reports' | 'renew' | 'close'
>

/** What a provider comes to, for a binding. */
export interface Connected<Made extends Provider> {
  provider: Made
  awareness: Made['awareness']
  connection: Connection
}

/** Two clients in one process would sync past the gateway. */
export const NO_SHORT_CUTS = { disableBc: true }

/** Moves of a pointer a second, as of the mice of players. */
const SWEEP_HZ = 144
const SWEEP_MS = 3_000

/** Connects a document through a y-websocket provider, as our README does. */
export function connect<Doc extends { destroy(): void }, Made extends Provider>(
  WebsocketProvider: ProviderClass<Doc, Made>,
  doc: Doc,
  place: Place,
  options: Record<string, unknown> = {},
): Connected<Made> {
  let { token } = place
  const reports: string[] = []
  const provider: Made = connectProvider(WebsocketProvider, {
    url: place.realtimeUrl,
    boardId: place.boardId,
    doc,
    token,
    getToken: async () => token,
    report: (reason: string) => void reports.push(reason),
    options: { ...NO_SHORT_CUTS, ...options },
  })
  const renew = (newer: string) => {
    token = newer
    provider.connect()
  }
  return follow(provider, doc, { userName: place.userName, reports, renew })
}

/** What a provider that connects comes to, for a binding. */
export function follow<Made extends Provider>(
  provider: Made,
  doc: { destroy(): void },
  options: { userName: string; reports: readonly string[]; renew: Client['renew'] },
): Connected<Made> {
  const { awareness } = provider
  awareness.setLocalStateField('user', { name: options.userName, color: '#30bced' })
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
      ...sweeping(awareness),
      reports: () => [...options.reports],
      renew: options.renew,
      close() {
        provider.destroy()
        doc.destroy()
      },
    },
  }
}

/** A pointer that moves fast, and where those of others are. */
export function sweeping(awareness: Awareness): Pick<Client, 'sweep' | 'sweeps'> {
  return {
    sweep() {
      const startedAt = Date.now()
      return new Promise((resolve) => {
        let moves = 0
        const timer = setInterval(() => {
          const elapsed = Date.now() - startedAt
          // Timers are late, and then there is more than one move to make up for.
          while (moves < (elapsed * SWEEP_HZ) / 1_000) {
            awareness.setLocalStateField('sweep', { x: ++moves })
          }
          if (elapsed < SWEEP_MS) return
          clearInterval(timer)
          resolve(moves)
        }, 1_000 / SWEEP_HZ)
      })
    },
    sweeps: () =>
      [...awareness.getStates()].flatMap(([clientId, { sweep }]) =>
        clientId !== awareness.clientID && sweep ? [sweep.x as number] : [],
      ),
  }
}

/** The names in the awareness states of others that have this field. */
export function namesWith(awareness: Awareness, field: string): string[] {
  return [...awareness.getStates()]
    .filter(([clientId, state]) => clientId !== awareness.clientID && state[field])
    .map(([, state]) => state.user?.name)
}
