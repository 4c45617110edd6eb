const MIN_SLOTS = 16

/**
 * Counts the items that claim the first place of a list, or of the values of a key, by the hash of that
 * place: see `StructLinks.head`. Yjs goes past those that are there to place one more.
 *
 * Almost every place has one item, which takes 8 to 16 bytes.
 *
 * @example
 * ```ts
 * const count = new HeadCount()
 * for (const { heads } of inspectUpdate(Y.encodeStateAsUpdate(doc)).ranges) {
 *   for (const head of heads) count.add(head)
 * }
 * show(count.passes)
 * ```
 */
export class HeadCount {
  /** Hashes of places, open addressing; 0 is free. */
  #slots = new Int32Array(0)
  #places = 0
  /** By hash, how many items there are beside the first. */
  readonly #others = new Map<number, number>()
  #most = 0
  #passes = 0

  /** How many items Yjs goes past to place all of them. */
  get passes(): number {
    return this.#passes
  }

  /** Adds an item by the hash of its place. */
  add(head: number): void {
    if (2 * (this.#places + 1) > this.#slots.length) this.#grow()
    const at = this.#slotOf(head)
    if (this.#slots[at] === 0) {
      this.#slots[at] = head
      this.#places++
      return
    }
    const others = (this.#others.get(head) ?? 0) + 1
    this.#others.set(head, others)
    this.#most = Math.max(this.#most, others)
    this.#passes += others
  }

  /** Whether there would be more passes with these items than a bound, because of them. */
  exceedsWith(heads: readonly number[], bound: number): boolean {
    if (this.#passes + heads.length * (this.#most + heads.length) <= bound) return false
    const added = new Map<number, number>()
    let more = 0
    for (const head of heads) {
      const before = added.get(head) ?? this.#countOf(head)
      added.set(head, before + 1)
      more += before
    }
    return more > 0 && this.#passes + more > bound
  }

  #countOf(head: number): number {
    if (this.#places === 0 || this.#slots[this.#slotOf(head)] === 0) return 0
    return 1 + (this.#others.get(head) ?? 0)
  }

  /** Where a place is, or would be. */
  #slotOf(head: number): number {
    const mask = this.#slots.length - 1
    let at = head & mask
    while (this.#slots[at] !== 0 && this.#slots[at] !== head) at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(Math.max(MIN_SLOTS, 2 * before.length))
    for (const head of before) if (head !== 0) this.#slots[this.#slotOf(head)] = head
  }
}
