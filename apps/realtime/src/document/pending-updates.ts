import type { UpdateSummary } from '@mindfuse/protocol'

/** Most updates of one board that wait for a missing dependency, and most bytes of them. */
const MAX_PENDING_UPDATES = 1_000
const MAX_PENDING_BYTES = 16 * 1024 * 1024

/** An update and the result of its inspection. */
export interface PendingUpdate {
  update: Uint8Array
  summary: UpdateSummary
}

/**
 * Stored updates with a missing dependency: they build on an update that is not stored yet. Two
 * gateways may store edits of each other's clients in either order, so that a read in between has
 * a gap.
 */
export class PendingUpdates {
  readonly #pending: PendingUpdate[] = []
  #bytes = 0

  /**
   * Keeps an update, once: compaction stores pending updates again behind the rest.
   * @returns whether there was room
   */
  add(pending: PendingUpdate): boolean {
    if (this.#pending.some(({ update }) => Buffer.compare(update, pending.update) === 0))
      return true
    const bytes = this.#bytes + pending.update.length
    if (bytes > MAX_PENDING_BYTES || this.#pending.length === MAX_PENDING_UPDATES) return false
    this.#pending.push(pending)
    this.#bytes = bytes
    return true
  }

  /** The oldest first. */
  get all(): readonly PendingUpdate[] {
    return this.#pending
  }

  /** Removes and returns the oldest update that is ready to be applied. */
  take(isReady: (summary: UpdateSummary) => boolean): Uint8Array | undefined {
    const index = this.#pending.findIndex(({ summary }) => isReady(summary))
    if (index < 0) return undefined
    const [{ update }] = this.#pending.splice(index, 1) as [PendingUpdate]
    this.#bytes -= update.length
    return update
  }
}
