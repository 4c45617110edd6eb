import { varUintLength, writeVarUint } from '../var-uint.ts'
import type { ClientDeletes } from './update-summary.ts'

/** Up to this many bounds are inserted one range at a time, more of them in a single pass. */
const MAX_SPLICED_BOUNDS = 16

/**
 * The deleted clocks of each client as merged ranges: memory grows with the number of ranges, not with
 * what was deleted. Clocks may be ahead of any struct, as Yjs allows.
 *
 * @example
 * ```ts
 * const { deletes } = inspectUpdate(Y.encodeStateAsUpdate(doc))
 * const deleted = new DeletedRanges()
 * deleted.add(deletes)
 * show(deleted.covers(deletes)) // true
 * ```
 */
export class DeletedRanges {
  /** `ClientDeletes.bounds` by client, of ranges that do not touch. */
  readonly #clients = new Map<number, number[]>()
  #size = 0

  /** How many ranges there are. */
  get size(): number {
    return this.#size
  }

  /** How many clients there are. */
  get clients(): number {
    return this.#clients.size
  }

  /** Whether nothing is deleted. */
  get isEmpty(): boolean {
    return this.#clients.size === 0
  }

  /** Whether all of these are deleted already. Each range takes a binary search. */
  covers(deletes: readonly ClientDeletes[]): boolean {
    return deletes.every(({ client, bounds }) => {
      const known = this.#clients.get(client)
      return known !== undefined && contains(known, bounds)
    })
  }

  /** How many of these ranges are not deleted yet, and of how many clients nothing is. */
  countNew(deletes: readonly ClientDeletes[]): { ranges: number; clients: number } {
    let ranges = 0
    let clients = 0
    for (const { client, bounds } of deletes) {
      const known = this.#clients.get(client)
      if (!known) clients++
      ranges += known ? countMissing(known, bounds) : bounds.length / 2
    }
    return { ranges, clients }
  }

  /** Calls back for each range of clocks among these that is not deleted yet. */
  visitNew(
    deletes: readonly ClientDeletes[],
    visit: (client: number, from: number, to: number) => void,
  ): void {
    for (const { client, bounds } of deletes) {
      const known = this.#clients.get(client) ?? []
      for (let i = 0; i < bounds.length; i += 2) {
        visitGaps(known, bounds[i] as number, bounds[i + 1] as number, (from, to) =>
          visit(client, from, to),
        )
      }
    }
  }

  /** Adds deletes. A few ranges cost a search each, many a pass over all ranges of the client. */
  add(deletes: readonly ClientDeletes[]): void {
    for (const { client, bounds } of deletes) {
      const known = this.#clients.get(client)
      this.#size -= (known?.length ?? 0) / 2
      // Copied, as a list that grew has room for 17 numbers, and most clients have one range.
      if (!known) this.#clients.set(client, union([], bounds).slice())
      else if (bounds.length <= MAX_SPLICED_BOUNDS) insert(known, bounds)
      else this.#clients.set(client, union(known, bounds))
      this.#size += (this.#clients.get(client) as number[]).length / 2
    }
  }

  /**
   * Encodes the delete set that ends an update, byte for byte as Yjs does: clients in descending
   * order.
   */
  encode(): Uint8Array {
    const clients = [...this.#clients].sort(([a], [b]) => b - a)
    // Allocated at its full size, without a list of the numbers: there may be a million.
    let length = varUintLength(clients.length)
    for (const [client, bounds] of clients) {
      length += varUintLength(client) + varUintLength(bounds.length / 2)
      for (let i = 0; i < bounds.length; i += 2) {
        const from = bounds[i] as number
        length += varUintLength(from) + varUintLength((bounds[i + 1] as number) - from)
      }
    }
    const bytes = new Uint8Array(length)
    let offset = writeVarUint(bytes, 0, clients.length)
    for (const [client, bounds] of clients) {
      offset = writeVarUint(bytes, offset, client)
      offset = writeVarUint(bytes, offset, bounds.length / 2)
      for (let i = 0; i < bounds.length; i += 2) {
        const from = bounds[i] as number
        offset = writeVarUint(bytes, offset, from)
        offset = writeVarUint(bytes, offset, (bounds[i + 1] as number) - from)
      }
    }
    return bytes
  }
}

/** Whether a clock is among these deletes: a function that looks the client up, not through all of them. */
export function lookupIn(
  deletes: readonly ClientDeletes[],
): (client: number, clock: number) => boolean {
  let byClient: Map<number, readonly number[]> | undefined
  return (client, clock) => {
    byClient ??= new Map(deletes.map((entry) => [entry.client, entry.bounds]))
    const bounds = byClient.get(client)
    return bounds !== undefined && includes(bounds, clock, clock + 1)
  }
}

function contains(known: readonly number[], bounds: readonly number[]): boolean {
  for (let i = 0; i < bounds.length; i += 2) {
    if (!includes(known, bounds[i] as number, bounds[i + 1] as number)) return false
  }
  return true
}

function countMissing(known: readonly number[], bounds: readonly number[]): number {
  let missing = 0
  for (let i = 0; i < bounds.length; i += 2) {
    if (!includes(known, bounds[i] as number, bounds[i + 1] as number)) missing++
  }
  return missing
}

/** Calls back for each part of a range that no known range includes. */
function visitGaps(
  known: readonly number[],
  from: number,
  to: number,
  visit: (from: number, to: number) => void,
): void {
  let next = firstAbove(known, from)
  let start = next % 2 === 1 ? (known[next++] as number) : from
  while (start < to) {
    visit(start, Math.min(to, known[next] ?? to))
    start = known[next + 1] ?? to
    next += 2
  }
}

/** Whether one of the known ranges includes another. */
function includes(known: readonly number[], from: number, to: number): boolean {
  const next = firstAbove(known, from)
  return next % 2 === 1 && (known[next] as number) >= to
}

function insert(known: number[], bounds: readonly number[]): void {
  for (let i = 0; i < bounds.length; i += 2) {
    const from = bounds[i] as number
    const to = bounds[i + 1] as number
    const start = firstAbove(known, from - 1)
    const end = firstAbove(known, to)
    // An odd index is inside a known range or at its end, which the new range then extends.
    const outer: number[] = []
    if (start % 2 === 0) outer.push(from)
    if (end % 2 === 0) outer.push(to)
    known.splice(start, end - start, ...outer)
  }
}

function union(a: readonly number[], b: readonly number[]): number[] {
  const merged: number[] = []
  let end = -1
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const isNextA = j >= b.length || (a[i] as number) < (b[j] as number)
    const from = (isNextA ? a[i++] : b[j++]) as number
    const to = (isNextA ? a[i++] : b[j++]) as number
    if (from > end) merged.push(from, to)
    else if (to > end) merged[merged.length - 1] = to
    end = Math.max(end, to)
  }
  return merged
}

/** The index of the first bound above `clock`: odd if `clock` is inside a range. */
function firstAbove(bounds: readonly number[], clock: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((bounds[middle] as number) > clock) high = middle
    else low = middle + 1
  }
  return low
}
