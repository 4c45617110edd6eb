import { type DepthSource, depthAt } from './item-depths.ts'
import { GC, SKIP } from './struct.ts'
import type { StructLinks } from './struct-links.ts'
import type { ClockRange } from './update-summary.ts'

/** Shared by the many ranges without nested items. */
const NO_DEPTHS: readonly number[] = Object.freeze([])

/** Greatest depth that is told apart from deeper ones: keeps sums small. */
const MAX_RECORDED_DEPTH = 100_000

/** What the pass needs of a range. */
type Range = Pick<ClockRange, 'client' | 'from' | 'to' | 'depths'>

/** Numbers of an open reference: the client, the clock, the levels below it, and what is known. */
const WIDTH = 4
/** What is known of an open reference: nothing, or that it is being followed. Otherwise its depth. */
const UNKNOWN = -1
const FOLLOWED = -2

/**
 * Finds how deep the items of an update lie, in the pass that inspects it. An item lies as deep as its
 * neighbour, or one level below its parent. Clients are in descending order, so that an item may refer to
 * one further on: its depth stays open until the end, recorded as `-1 - index` of the reference.
 */
export class DepthPass {
  readonly #document: DepthSource | undefined
  /** Ranges that are complete, by client from high to low. */
  readonly #ranges: readonly Range[]
  /** {@link WIDTH} numbers for each reference. */
  #open: number[] | undefined
  #client = -1
  #from = 0
  #depths: number[] | undefined
  /** Of the item before; `-1 - index` if it is open. */
  #last = 0
  #deepest = 0
  /** Where {@link finish} continues. */
  #finishedRanges = 0
  #finishedPairs = 0

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
    const { kind, originClient } = links
    // Nothing lies in these.
    if (kind === GC || kind === SKIP) return
    if (originClient >= 0) {
      const { originClock } = links
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

  /**
   * Resolves what is open, once all ranges are complete, for about so many items.
   *
   * @returns whether nothing is open
   */
  finish(items: number): boolean {
    if (!this.#open) return true
    let left = items
    for (; this.#finishedRanges < this.#ranges.length; this.#finishedRanges++) {
      const depths = (this.#ranges[this.#finishedRanges] as Range).depths as number[]
      for (; this.#finishedPairs < depths.length; this.#finishedPairs += 2) {
        if (left-- <= 0) return false
        const at = this.#finishedPairs + 1
        const value = depths[at] as number
        if (value < 0) depths[at] = this.#note(this.#resolve(value))
      }
      this.#finishedPairs = 0
    }
    return true
  }

  #record(clock: number, depth: number): void {
    if (depth === this.#last) return
    if (this.#depths) this.#depths.push(clock, depth)
    else this.#depths = [clock, depth]
    this.#last = this.#note(depth)
  }

  #note(depth: number): number {
    if (depth > this.#deepest) this.#deepest = depth
    return depth
  }

  /** The depth of an item by that of another; negative if it is open. */
  #depthBy(client: number, clock: number, levels: number): number {
    const depth = this.#find(client, clock)
    if (depth !== undefined && depth >= 0) return Math.min(depth + levels, MAX_RECORDED_DEPTH)
    // As open as the neighbour.
    if (depth !== undefined && levels === 0) return depth
    this.#open ??= []
    const index = this.#open.length / WIDTH
    this.#open.push(client, clock, levels, UNKNOWN)
    return -1 - index
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

  /** The depth that a recorded value stands for, without recursion: references may form a long chain. */
  #resolve(value: number): number {
    const open = this.#open as number[]
    const path: number[] = []
    let depth = value
    for (;;) {
      while (depth < 0) {
        const at = WIDTH * (-1 - depth)
        const known = open[at + 3] as number
        if (known !== UNKNOWN) {
          // Yjs never integrates a circle.
          depth = Math.max(known, 0)
          break
        }
        open[at + 3] = FOLLOWED
        path.push(at)
        const range = this.#rangeOf(open[at] as number, open[at + 1] as number)
        depth = range ? depthAt(range.depths, open[at + 1] as number) : 0
      }
      const at = path.pop()
      if (at === undefined) return depth
      depth = Math.min(depth + (open[at + 2] as number), MAX_RECORDED_DEPTH)
      open[at + 3] = depth
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
