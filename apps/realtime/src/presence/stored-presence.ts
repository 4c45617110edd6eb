import { decodeStoredPresence, encodeStoredPresence, type PresenceEntry } from '@mindfuse/internal'
import type { PresenceStore } from '@mindfuse/shared-state'
import type { Participants } from './participants.ts'

/** What storing the presence of a board takes. */
export interface StoredPresenceDeps {
  boardId: string
  gatewayId: string
  store: PresenceStore
  participants: Participants
}

/** The presence of a board in Dragonfly, from which a gateway that opens it starts: written behind. */
export class StoredPresence {
  readonly #deps: StoredPresenceDeps
  /** Own connections whose stored state is outdated. */
  readonly #unstored = new Set<string>()
  /** Connections that left while the store was being read: their stored state is outdated. */
  #removedWhileReading: Set<string> | undefined

  constructor(deps: StoredPresenceDeps) {
    this.#deps = deps
  }

  /** The connections that other gateways had on the board before this one opened it. May reject. */
  async read(): Promise<(PresenceEntry & { gatewayId: string })[]> {
    const { store, boardId, gatewayId, participants } = this.#deps
    const removed = new Set<string>()
    this.#removedWhileReading = removed
    try {
      const all = await store.list(boardId)
      return all.flatMap((stored) => {
        const isKnown = participants.get(stored.connectionId) !== undefined
        if (stored.gatewayId === gatewayId || isKnown || removed.has(stored.connectionId)) return []
        const entry = decodeStoredPresence(stored.presence)
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
    await this.#deps.store.remove(this.#deps.boardId, [connectionId])
  }

  /** Writes what has changed since the last time. May reject. */
  async write(): Promise<void> {
    const { store, boardId, gatewayId, participants } = this.#deps
    const changed = [...this.#unstored]
      .map((id) => participants.get(id))
      .filter((participant) => participant !== undefined)
    this.#unstored.clear()
    if (changed.length === 0) return
    await store.put(
      boardId,
      changed.map((participant) => ({
        connectionId: participant.connectionId,
        gatewayId,
        presence: encodeStoredPresence(participant),
      })),
    )
    // Some may have left while the request was in flight.
    const left = changed
      .map(({ connectionId }) => connectionId)
      .filter((connectionId) => !participants.get(connectionId))
    if (left.length > 0) await store.remove(boardId, left)
  }
}
