/**
 * After a pause of this length the gateway was stopped, or too busy to be told anything, milliseconds: what
 * it is about to send may be for people who have been removed meanwhile.
 */
export const MAX_PAUSE_MS = 3_000

/**
 * Whether the gateway holds delivery and takes nothing in. Each send asks it: a process that was stopped
 * in the middle of a loop goes on in that loop.
 */
export class Hold {
  readonly #onOverslept: () => void
  #isHeld = false
  #count = 0
  #beatAt = performance.now()

  /** @param onOverslept called when a pause is noticed, with the hold begun */
  constructor(onOverslept: () => void) {
    this.#onOverslept = onOverslept
  }

  get isHeld(): boolean {
    if (!this.#isHeld && performance.now() - this.#beatAt > MAX_PAUSE_MS) {
      this.begin()
      this.#onOverslept()
    }
    return this.#isHeld
  }

  /** The event loop runs. Call it more often than every {@link MAX_PAUSE_MS}. */
  beat(): void {
    if (!this.isHeld) this.#beatAt = performance.now()
  }

  begin(): void {
    if (!this.#isHeld) this.#count++
    this.#isHeld = true
  }

  /** How often it has begun: what was asked before the last time is not known to be so now. */
  get count(): number {
    // Notices a pause first.
    void this.isHeld
    return this.#count
  }

  end(): void {
    this.#beatAt = performance.now()
    this.#isHeld = false
  }
}
