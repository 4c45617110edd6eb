const MIN_SLOTS = 16

/** A set of hashes in 32 bits other than 0, which takes 8 to 16 bytes each. */
export class HashSet {
  /** Open addressing; 0 is free. */
  #slots = new Int32Array(0)
  #size = 0

  has(hash: number): boolean {
    return this.#size > 0 && this.#slots[this.#slotOf(hash)] === hash
  }

  /** @returns whether it is new */
  add(hash: number): boolean {
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow()
    const at = this.#slotOf(hash)
    if (this.#slots[at] === hash) return false
    this.#slots[at] = hash
    this.#size++
    return true
  }

  /** Where a hash is, or would be. */
  #slotOf(hash: number): number {
    const mask = this.#slots.length - 1
    let at = hash & mask
    while (this.#slots[at] !== 0 && this.#slots[at] !== hash) at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(Math.max(MIN_SLOTS, 2 * before.length))
    for (const hash of before) if (hash !== 0) this.#slots[this.#slotOf(hash)] = hash
  }
}
