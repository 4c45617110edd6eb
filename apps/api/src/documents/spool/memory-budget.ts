import { SPOOL_AFTER_BYTES } from './spool.ts'

/** Bytes of large documents that the process holds at a time; PostgreSQL's driver copies each twice. */
const MAX_HELD_BYTES = 96 * 1024 * 1024

/**
 * Bounds what large documents take of memory while they are on their way into PostgreSQL or to a
 * gateway. Small ones pass at once; one larger than the budget passes alone.
 */
export class MemoryBudget {
  readonly #maxBytes: number
  readonly #waiting: { bytes: number; pass: () => void }[] = []
  #heldBytes = 0

  constructor(options: { maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? MAX_HELD_BYTES
  }

  /** Resolves when it is the turn of these bytes. @returns frees them; a second call does nothing */
  async acquire(bytes: number): Promise<() => void> {
    if (bytes <= SPOOL_AFTER_BYTES) return () => undefined
    // First come, first served: a large one would wait for ever while smaller ones pass it.
    if (this.#waiting.length === 0 && this.#fits(bytes)) this.#heldBytes += bytes
    else await new Promise<void>((pass) => this.#waiting.push({ bytes, pass }))
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#heldBytes -= bytes
      this.#letPass()
    }
  }

  #letPass(): void {
    for (let [next] = this.#waiting; next && this.#fits(next.bytes); [next] = this.#waiting) {
      this.#waiting.shift()
      this.#heldBytes += next.bytes
      next.pass()
    }
  }

  #fits(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#maxBytes
  }
}
