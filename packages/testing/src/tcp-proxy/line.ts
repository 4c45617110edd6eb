/** One direction of a network link, which all connections through it share. */
export class Line {
  #bytesPerSecond = Number.POSITIVE_INFINITY
  #freeAt = 0

  get isLimited(): boolean {
    return this.#bytesPerSecond < Number.POSITIVE_INFINITY
  }

  /** Lets so much pass from now on. */
  limit(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond
    this.#freeAt = 0
  }

  /** Sends bytes behind those that came before. @returns when they have passed, by `performance.now()` */
  pass(bytes: number): number {
    const beginsAt = Math.max(performance.now(), this.#freeAt)
    this.#freeAt = beginsAt + (bytes / this.#bytesPerSecond) * 1_000
    return this.#freeAt
  }
}
