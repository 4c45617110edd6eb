import { Allowance } from '../person/allowance.ts'

/**
 * Bytes of edits that a gateway relays, per second on average and at once. Whatever people send, a
 * subscriber that reads nothing for the 3 seconds after which it is replaced is 14 MiB behind for each
 * gateway, itself included. Redis ends a subscription that is 32 MiB behind.
 */
export const RELAYED_BYTES = { perSecond: 2 * 1024 * 1024, burst: 8 * 1024 * 1024 }

/** Edits up to this size, bytes, are always relayed: what people draw, as opposed to what they paste. */
export const ALWAYS_RELAYED_BYTES = 16 * 1024

/**
 * Largest edit that is relayed, bytes. Others fetch a larger one once it is stored, as those beyond
 * {@link RELAYED_BYTES}.
 */
export const MAX_RELAYED_EDIT_BYTES = 1024 * 1024

/** Bounds what a gateway relays, of all boards: they share one subscription of each other gateway. */
export class RelayedBytes {
  readonly #allowance = new Allowance(RELAYED_BYTES)

  /** Counts an edit, if it may be relayed. @returns whether it may */
  take(bytes: number, now = performance.now()): boolean {
    if (bytes > MAX_RELAYED_EDIT_BYTES) return false
    return this.#allowance.take(bytes, now) || bytes <= ALWAYS_RELAYED_BYTES
  }
}
