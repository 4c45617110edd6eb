/** After how long a use counts half, milliseconds. */
const HALF_LIFE_MS = 60_000

/** After how long it counts as nothing: a thousandth is left, milliseconds. */
const FORGET_MS = 10 * HALF_LIFE_MS

/** How long people have had workers lately: what is longer ago counts less. */
export class RecentUse {
  /** In the order of their last use. */
  readonly #uses = new Map<string, { ms: number; at: number }>()

  add(person: string, ms: number): void {
    const at = performance.now()
    const total = this.of(person) + ms
    this.#uses.delete(person)
    this.#uses.set(person, { ms: total, at })
    for (const [oldest, use] of this.#uses) {
      if (at - use.at < FORGET_MS) break
      this.#uses.delete(oldest)
    }
  }

  /** Milliseconds, 0 for who has used none lately. */
  of(person: string): number {
    const use = this.#uses.get(person)
    return use ? use.ms * 2 ** ((use.at - performance.now()) / HALF_LIFE_MS) : 0
  }
}
