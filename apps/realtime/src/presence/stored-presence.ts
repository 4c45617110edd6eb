import type { PresenceStore } from '@mindfuse/shared-state'
import type { OwnedState, Participants } from './participants.ts'
import { encodeStored, type PresenceCodec, type PresenceEntry } from './presence-codec.ts'

/** What storing presence takes. */
export interface StoredPresenceDeps<State extends OwnedState> {
  /** A board's id, or a channel's topic. */
  topic: string
  gatewayId: string
  store: PresenceStore
  codec: PresenceCodec<State>
  participants: Participants<State>
}

/** The presence of a board or channel in Dragonfly, from which a gateway that opens it starts: written behind. */
export class StoredPresence<State extends OwnedState> {
  readonly #deps: StoredPresenceDeps<State>
  /** Own connections whose stored state is outdated. */
  readonly #unstored = new Set<string>()
  /** Connections that left while the store was being read: their stored state is outdated. */
  #removedWhileReading: Set<string> | undefined

  constructor(deps: StoredPresenceDeps<State>) {
    this.#deps = deps
  }

  /** The connections that other gateways had there before this one opened it. May reject. */
  async read(): Promise<(PresenceEntry<State> & { gatewayId: string })[]> {
    const { store, topic, gatewayId, codec, participants } = this.#deps
    const removed = new Set<string>()
    this.#removedWhileReading = removed
    try {
      const all = await store.list(topic)
      return all.flatMap((stored) => {
        const isKnown = participants.get(stored.connectionId) !== undefined
        if (stored.gatewayId === gatewayId || isKnown || removed.has(stored.connectionId)) return []
        const entry = codec.readStored(stored.presence)
        return entry ? [{ ...entry, gatewayId: stored.gatewayId }] : []
      })
    } finally {
      this.#removedWhileReading = undefined
    }
  }

  /** The state of an own connection has changed. */
  mark(connectionId: string): void {
    this.#unstored.add(connectionId)
  }

  /** The store may have lost everything: it gets all of it again. */
  markAll(): void {
    const { participants, gatewayId } = this.#deps
    for (const { connectionId } of participants.onGateway(gatewayId)) this.mark(connectionId)
  }

  /** A connection left, on any gateway. */
  forget(connectionId: string): void {
    this.#removedWhileReading?.add(connectionId)
    this.#unstored.delete(connectionId)
  }

  /** Removes an own connection that left. May reject. */
  async remove(connectionId: string): Promise<void> {
    await this.#deps.store.remove(this.#deps.topic, [connectionId])
  }

  /** Writes what has changed since the last time. May reject. */
  async write(): Promise<void> {
    const { store, topic, gatewayId, participants } = this.#deps
    const changed = [...this.#unstored]
      .map((id) => participants.get(id))
      .filter((participant) => participant !== undefined)
    this.#unstored.clear()
    if (changed.length === 0) return
    await store.put(
      topic,
      changed.map((participant) => ({
        connectionId: participant.connectionId,
        gatewayId,
        presence: encodeStored(participant),
      })),
    )
    // Some may have left while the request was in flight.
    const left = changed
      .map(({ connectionId }) => connectionId)
      .filter((connectionId) => !participants.get(connectionId))
    if (left.length > 0) await store.remove(topic, left)
  }
}
