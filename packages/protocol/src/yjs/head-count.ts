import { finishHash, hashClient } from './hash.ts'
import { HashSet } from './hash-set.ts'
import type { ClockRange } from './update-summary.ts'

/** What is counted of a client's structs. */
type Claims = Pick<ClockRange, 'client' | 'heads' | 'structs'>

/**
 * Counts what Yjs goes past to place the items that claim the first place of a list, or of the values of a
 * key, by the hash of that place: see `StructLinks.head`.
 *
 * That is each item with the same claim. There may be any number of others at a key that follow those; which,
 * only a reader knows. So where a client claims a place again, which no editor does, all structs count.
 *
 * @example
 * ```ts
 * const count = new HeadCount()
 * for (const range of inspectUpdate(Y.encodeStateAsUpdate(doc)).ranges) count.add(range)
 * show(count.passes)
 * ```
 */
export class HeadCount {
  readonly #places = new HashSet()
  /** Places with clients that claim them, where they are not the first. */
  readonly #claims = new HashSet()
  /** By place, how many items there are beside the first. */
  readonly #others = new Map<number, number>()
  #most = 0
  #pairs = 0
  #repeats = 0
  #structs = 0

  /** How many items Yjs goes past, at most. */
  get passes(): number {
    return this.#pairs + this.#repeats * this.#structs
  }

  add({ client, heads, structs }: Claims): void {
    this.#structs += structs
    for (const head of heads) {
      if (this.#places.add(head)) continue
      const others = (this.#others.get(head) ?? 0) + 1
      this.#others.set(head, others)
      this.#most = Math.max(this.#most, others)
      this.#pairs += others
      if (!this.#claims.add(claimOf(head, client))) this.#repeats++
    }
  }

  /** Whether there would be more passes with these structs than a bound, because of them. */
  exceedsWith(ranges: readonly Claims[], bound: number): boolean {
    let heads = 0
    let structs = this.#structs
    for (const range of ranges) {
      heads += range.heads.length
      structs += range.structs
    }
    const mostPairs = this.#pairs + heads * (this.#most + heads)
    if (mostPairs + (this.#repeats + heads) * structs <= bound) return false
    const added = new HeadCount()
    let pairs = this.#pairs
    let repeats = this.#repeats
    for (const { client, heads } of ranges) {
      for (const head of heads) {
        const known = this.#countOf(head)
        const before = known + added.#countOf(head)
        pairs += before
        const claim = claimOf(head, client)
        if (before > 0 && (this.#claims.has(claim) || !added.#claims.add(claim))) repeats++
        if (!added.#places.add(head)) {
          added.#others.set(head, (added.#others.get(head) ?? 0) + 1)
        }
      }
    }
    const passes = pairs + repeats * structs
    return passes > bound && passes > this.passes
  }

  #countOf(head: number): number {
    return this.#places.has(head) ? 1 + (this.#others.get(head) ?? 0) : 0
  }
}

const claimOf = (head: number, client: number) => finishHash(hashClient(head, client))
