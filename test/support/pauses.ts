/** Milliseconds that something took, by what it was, for a line that says how it went. */
export class Pauses {
  readonly #all = new Map<string, number[]>()

  add(what: string, ms: number): void {
    const all = this.#all.get(what) ?? []
    all.push(Math.round(ms))
    this.#all.set(what, all)
  }

  /** A line for each, in the order in which they came up. */
  toString(): string {
    return [...this.#all]
      .map(([what, all]) => {
        const sorted = all.toSorted((a, b) => a - b)
        const median = sorted[Math.floor(sorted.length / 2)]
        return `  ${what}: median ${median} ms, worst ${sorted.at(-1)} ms of ${sorted.length}\n`
      })
      .join('')
  }
}
