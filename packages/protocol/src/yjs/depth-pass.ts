import { type DepthSource, depthAt } from './item-depths.ts'
import { GC, SKIP } from './struct.ts'
import type { StructLinks } from './struct-links.ts'
import type { ClockRange } from './update-summary.ts'

/** Shared by the many ranges without nested items. */
const NO_DEPTHS: readonly number[] = Object.freeze([])

/** Greatest depth that is told apart from deeper ones: keeps sums small. */
const MAX_RECORDED_DEPTH = 100_000

/** What the pass needs of a range. */
type Range = Pick<ClockRange, 'client' | 'from' | 'to'> & { depths: readonly number[] }

/** An item whose depth depends on one that the update has further on. */
interface OpenReference {
  client: number
  clock: number
  levels: number
  depth: number | undefined
}

/**
 * Finds how deep the items of an update lie, in the pass that inspects it. An item lies as deep as its
 * neighbour, or one level below its parent. Clients are in descending order, so that an item may refer to
 * one further on: its depth stays open until the end, recorded as `-1 - index` of the reference.
 */
export class DepthPass {
  readonly #document: DepthSource | undefined
  readonly #open: OpenReference[] = []
  /** Ranges that are complete, by client from high to low. */
  readonly #ranges: readonly Range[]
  #client = -1
  #from = 0
  #depths: number[] | undefined
  /** Of the item before; `-1 - index` if it is open. */
  #last = 0
  #deepest = 0

  constructor(ranges: readonly Range[], document: DepthSource | undefined) {
    this.#ranges = ranges
    this.#document = document
  }

  /** Depth of the deepest item, apart from those that are open. */
  get deepest(): number {
    return this.#deepest
  }

  /** Begins a client's range. */
  begin(client: number, from: number): void {
    this.#client = client
    this.#from = from
    this.#depths = undefined
    this.#last = 0
  }

  /** The current range's pairs of a clock and the depth of the items from there on. */
  get depths(): readonly number[] {
    return this.#depths ?? NO_DEPTHS
  }

  /** Places the struct at `clock` of the current range. */
  place(clock: number, links: StructLinks): void {
    const { kind, originClient, originClock } = links
    // Nothing lies in these.
    if (kind === GC || kind === SKIP) return
    if (originClient >= 0) {
      const isNext = originClock === clock - 1 && originClient === this.#client
      if (isNext && clock > this.#from) return
      this.#record(clock, this.#depthBy(originClient, originClock, 0))
    } else if (links.rightClient >= 0) {
      this.#record(clock, this.#depthBy(links.rightClient, links.rightClock, 0))
    } else if (links.parentClient >= 0) {
      this.#record(clock, this.#depthBy(links.parentClient, links.parentClock, 1))
    } else {
      this.#record(clock, 0)
    }
  }

  /** Resolves what is open, once all ranges are complete. */
  finish(): void {
    if (this.#open.length === 0) return
    for (const range of this.#ranges) {
      const depths = range.depths as number[]
      for (let i = 1; i < depths.length; i += 2) {
        const value = depths[i] as number
        if (value < 0) depths[i] = this.#note(this.#resolve(-1 - value))
      }
    }
  }

  #record(clock: number, depth: number): void {
    if (depth === this.#last) return
    this.#depths ??= []
    this.#depths.push(clock, depth)
    this.#last = this.#note(depth)
  }

  #note(depth: number): number {
    if (depth > this.#deepest) this.#deepest = depth
    return depth
  }

  /** The depth of an item by that of another; negative if it is open. */
  #depthBy(client: number, clock: number, levels: number): number {
    const depth = this.#find(client, clock)
    if (depth === undefined || depth < 0) {
      if (depth !== undefined && levels === 0) return depth
      return -this.#open.push({ client, clock, levels, depth: undefined })
    }
    return Math.min(depth + levels, MAX_RECORDED_DEPTH)
  }

  /** Undefined if neither the document has the item nor the part of the update that was read. */
  #find(client: number, clock: number): number | undefined {
    if (client === this.#client && clock >= this.#from) return depthAt(this.depths, clock)
    if (client > this.#client) {
      const range = this.#rangeOf(client, clock)
      if (range) return depthAt(range.depths, clock)
    }
    const depth = this.#document?.depthOf(client, clock)
    // Nothing further on can have it.
    if (depth === undefined && client >= this.#client) return 0
    return depth
  }

  /** Follows references, which may be as many as there are items, without recursion. */
  #resolve(index: number): number {
    const path = [index]
    const seen = new Set(path)
    for (;;) {
      const at = path.at(-1) as number
      const reference = this.#open[at] as OpenReference
      if (reference.depth === undefined) {
        const range = this.#rangeOf(reference.client, reference.clock)
        const value = range ? depthAt(range.depths, reference.clock) : 0
        const next = -1 - value
        const below = value < 0 ? this.#open[next]?.depth : value
        if (below === undefined && !seen.has(next)) {
          path.push(next)
          seen.add(next)
          continue
        }
        // Yjs never integrates a circle.
        reference.depth = Math.min((below ?? 0) + reference.levels, MAX_RECORDED_DEPTH)
      }
      path.pop()
      if (path.length === 0) return reference.depth
    }
  }

  #rangeOf(client: number, clock: number): Range | undefined {
    const ranges = this.#ranges
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle] as Range).client > client) low = middle + 1
      else high = middle
    }
    const range = ranges[low]
    return range?.client === client && clock >= range.from && clock < range.to ? range : undefined
  }
}
