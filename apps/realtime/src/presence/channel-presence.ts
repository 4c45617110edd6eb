import { Type } from 'typebox'
import type { Connection } from '../connection/connection.ts'
import type { BoardDelivery, PresenceFrames, PresenceSource } from '../delivery/board-delivery.ts'
import type { OwnedState, Participant } from './participants.ts'
import { createPresenceCodec } from './presence-codec.ts'
import { SharedPresence, type SharedPresenceDeps } from './shared-presence.ts'

/** A connection's state in a channel: any JSON. */
interface FreeState extends OwnedState {
  state: unknown
}

const codec = createPresenceCodec<FreeState>(
  Type.Object({ userId: Type.String(), connectionId: Type.String(), state: Type.Unknown() }),
)

/** What the presence of a channel needs from it. */
export interface ChannelPresenceDeps extends Omit<SharedPresenceDeps<FreeState>, 'codec'> {
  delivery: BoardDelivery
}

/**
 * Who is present in a channel, over all gateways: the connections that gave a state. What changed in a window, and
 * who left, is one frame for all members.
 */
export class ChannelPresence implements PresenceSource {
  readonly shared: SharedPresence<FreeState>
  readonly #topic: string
  readonly #delivery: BoardDelivery
  /** What members are sent of each connection: all of it is sent to each that joins. */
  readonly #texts = new Map<string, string>()
  /** Connections of which members do not have the newest yet, the oldest change first. */
  readonly #changed = new Set<string>()
  /** Connections that were sent everything in this window: how many changes that covered. */
  #welcomed = new Map<Connection, number>()
  /** Counts the changes. */
  #changes = 0

  constructor({ delivery, ...deps }: ChannelPresenceDeps) {
    this.#topic = deps.topic
    this.#delivery = delivery
    this.shared = new SharedPresence(
      { ...deps, codec },
      {
        onPut: (participant) => {
          const { connectionId } = participant
          const text = encodeParticipant(participant)
          // Other gateways repeat what is known.
          if (this.#texts.get(connectionId) === text) return
          this.#texts.set(connectionId, text)
          this.#change(connectionId)
        },
        onChanged: () => this.#schedule(),
        onRemoved: ({ connectionId }) => {
          this.#texts.delete(connectionId)
          this.#change(connectionId)
          this.#schedule()
        },
      },
    )
    delivery.addSource(this)
  }

  /** Sends a connection everything, as when it has just joined. */
  welcome(connection: Connection): void {
    const presences = [...this.#texts.values()]
    if (connection.sendPresence(this.#encode({ presences, left: [], full: true }), 'presence')) {
      this.#welcomed.set(connection, this.#changes)
    }
  }

  /** A connection has a new state; null for none any longer. */
  update({ id: connectionId, user, userId }: Connection, state: unknown): void {
    if (state === null) {
      this.#withdraw(connectionId)
      return
    }
    this.shared.put(user, { userId, connectionId, state })
    this.#schedule()
  }

  /** The user of a connection is called something else. */
  renamed({ id, user }: Connection): void {
    if (this.shared.rename(id, user)) this.#schedule()
  }

  leave(connection: Connection): void {
    this.#welcomed.delete(connection)
    this.#withdraw(connection.id)
  }

  get hasPending(): boolean {
    return this.#changed.size > 0
  }

  take(maxBytes: number): PresenceFrames {
    const taken: Participant<FreeState>[] = []
    const presences: string[] = []
    const left: string[] = []
    let bytes = 0
    for (const connectionId of this.#changed) {
      const participant = this.shared.participants.get(connectionId)
      const text = this.#texts.get(connectionId) ?? connectionId
      bytes += text.length
      if (bytes > maxBytes && presences.length + left.length > 0) break
      this.#changed.delete(connectionId)
      if (participant) {
        taken.push(participant)
        presences.push(text)
      } else left.push(connectionId)
    }
    this.shared.relay(taken)
    return {
      frames: [this.#encode({ presences, left, full: false })],
      known: this.#takeWelcomed(),
      kind: 'presence',
    }
  }

  /** Of those who were sent everything, the ones for whom nothing is new. */
  #takeWelcomed(): Map<Connection, number> {
    const known = new Map<Connection, number>()
    for (const [connection, changes] of this.#welcomed) {
      if (changes === this.#changes) known.set(connection, 1)
    }
    this.#welcomed = new Map()
    return known
  }

  #withdraw(connectionId: string): void {
    if (this.shared.participants.get(connectionId)) this.shared.leave(connectionId)
  }

  #schedule(): void {
    if (this.hasPending) this.#delivery.schedulePresence()
  }

  #change(connectionId: string): void {
    this.#changed.add(connectionId)
    this.#changes++
  }

  #encode({
    presences,
    left,
    full,
  }: {
    presences: readonly string[]
    left: readonly string[]
    full: boolean
  }): Uint8Array {
    const head = `"type":"channel:presence","topic":"${this.#topic}","presences":[${presences.join(',')}]`
    const gone = left.length > 0 ? `,"left":${JSON.stringify(left)}` : ''
    return Buffer.from(`{${head}${gone}${full ? ',"full":true' : ''}}`)
  }
}

function encodeParticipant({ user, presence }: Participant<FreeState>): string {
  const { connectionId, state } = presence
  return JSON.stringify({ connectionId, user, state })
}
