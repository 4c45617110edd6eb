import type { ClockRange } from './update-summary.ts'

/** What is known of the depth of items before an update. */
export interface DepthSource {
  /** How many shared types enclose the item; undefined if the document does not have it. */
  depthOf(client: number, clock: number): number | undefined
}

/**
 * How many shared types enclose each item of a document, by ranges of clocks. A gateway keeps it because
 * its documents are bytes: levels that arrive in separate updates add up. Items outside of nested types,
 * as in a text, take no memory.
 *
 * @example
 * ```ts
 * const depths = new ItemDepths()
 * for (const range of inspectUpdate(Y.encodeStateAsUpdate(doc)).ranges) depths.add(range, 0)
 * show(depths.deepest)
 * ```
 */
export class ItemDepths {
  /** Pairs by client: a clock, and the depth of the items from there on. */
  readonly #clients = new Map<number, number[]>()
  #deepest = 0

  /** The greatest depth of any item. */
  get deepest(): number {
    return this.#deepest
  }

  /** The depth of an item; 0 if it is unknown. */
  depthOf(client: number, clock: number): number {
    const pairs = this.#clients.get(client)
    return pairs ? depthAt(pairs, clock) : 0
  }

  /** Adds the items of a range from `known` on, where the document ended for its client. */
  add({ client, from, depths }: ClockRange, known: number): void {
    let pairs = this.#clients.get(client)
    if (!pairs) {
      if (depths.length === 0) return
      pairs = []
      this.#clients.set(client, pairs)
    }
    let last = pairs.at(-1) ?? 0
    const push = (clock: number, depth: number) => {
      if (depth === last) return
      pairs.push(clock, depth)
      last = depth
      if (depth > this.#deepest) this.#deepest = depth
    }
    const start = Math.max(from, known)
    push(start, depthAt(depths, start))
    for (let i = 0; i < depths.length; i += 2) {
      const clock = depths[i] as number
      if (clock > start) push(clock, depths[i + 1] as number)
    }
  }
}

/** The depth at a clock by sorted pairs; 0 before the first. */
export function depthAt(pairs: readonly number[], clock: number): number {
  const at = pairIndex(pairs, clock)
  return at < 0 ? 0 : (pairs[at + 1] as number)
}

/** The index of the last pair at or before a clock, -2 if there is none. */
export function pairIndex(pairs: readonly number[], clock: number): number {
  const last = pairs.length - 2
  // Most references are to recent items.
  if (last < 0 || (pairs[last] as number) <= clock) return last
  let low = 0
  let high = last / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((pairs[2 * middle] as number) <= clock) low = middle + 1
    else high = middle
  }
  return 2 * (low - 1)
}
