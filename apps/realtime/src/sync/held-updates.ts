import type { UpdateSummary } from '@mindfuse/protocol'

/** Most updates of one board that wait for what they build on, and most bytes of them. */
const MAX_HELD_UPDATES = 1_000
const MAX_HELD_BYTES = 16 * 1024 * 1024

/** An update, and what its inspection found. */
export interface HeldUpdate {
  update: Uint8Array
  summary: UpdateSummary
}

/**
 * Stored updates that build on something which is not stored yet. Two gateways that store edits of
 * one another's clients may do so in either order, so what is read in between may have a gap.
 */
export class HeldUpdates {
  readonly #held: HeldUpdate[] = []
  #bytes = 0

  /**
   * Keeps an update, once: what waits when the API merges a board is stored again behind the rest.
   * @returns whether there was room
   */
  add(held: HeldUpdate): boolean {
    if (this.#held.some(({ update }) => Buffer.compare(update, held.update) === 0)) return true
    const bytes = this.#bytes + held.update.length
    if (bytes > MAX_HELD_BYTES || this.#held.length === MAX_HELD_UPDATES) return false
    this.#held.push(held)
    this.#bytes = bytes
    return true
  }

  /** Takes out the oldest update that is ready to be applied. */
  take(isReady: (summary: UpdateSummary) => boolean): Uint8Array | undefined {
    const at = this.#held.findIndex(({ summary }) => isReady(summary))
    if (at < 0) return undefined
    const [{ update }] = this.#held.splice(at, 1) as [HeldUpdate]
    this.#bytes -= update.length
    return update
  }
}
