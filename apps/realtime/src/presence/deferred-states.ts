import { type AwarenessEntry, MAX_AWARENESS_BYTES, MAX_AWARENESS_CLIENTS } from '@mindfuse/protocol'

/** Most bytes of states that one connection may have deferred. */
const MAX_DEFERRED_BYTES = 2 * MAX_AWARENESS_BYTES

/** A connection's awareness over its rate: the newest state of each client. */
export class DeferredStates {
  /** By clientID, the oldest first. */
  readonly #newest = new Map<number, AwarenessEntry>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get entries(): AwarenessEntry[] {
    return [...this.#newest.values()]
  }

  /** Keeps a copy of an entry, unless a newer one of its client is kept. */
  add(entry: AwarenessEntry): void {
    const { clientId, clock, isGone, bytes } = entry
    const kept = this.#newest.get(clientId)
    if (kept && (clock < kept.clock || (clock === kept.clock && !isGone))) return
    this.#drop(clientId)
    this.#newest.set(clientId, { clientId, clock, isGone, bytes: bytes.slice() })
    this.#bytes += bytes.length
    this.#makeRoom()
  }

  /** Only a client that exceeds other limits too has so many; removals of its own stay. */
  #makeRoom(): void {
    for (const { clientId, isGone } of this.#newest.values()) {
      if (this.#newest.size <= MAX_AWARENESS_CLIENTS && this.#bytes <= MAX_DEFERRED_BYTES) return
      if (!isGone) this.#drop(clientId)
    }
  }

  #drop(clientId: number): void {
    const kept = this.#newest.get(clientId)
    if (!kept) return
    this.#newest.delete(clientId)
    this.#bytes -= kept.bytes.length
  }
}
