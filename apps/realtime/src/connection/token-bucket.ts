/** Most extra tokens that are kept beyond the burst. */
const MAX_GIVEN = 10_000

const monotonicNow = () => performance.now()

/** Allows `perSecond` on average and `burst` at once. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  #tokens: number
  #filledAt: number

  /** `now` is in milliseconds, for tests; it must never go back, as a clock that is set does. */
  constructor(perSecond: number, burst: number, now = monotonicNow) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#now = now
    this.#tokens = burst
    this.#filledAt = now()
  }

  /** Adds extra tokens, beyond the burst too. */
  give(count = 1): void {
    this.#tokens = Math.min(this.#burst + MAX_GIVEN, this.#tokens + count)
  }

  /** Takes tokens, if there are enough. */
  take(count = 1): boolean {
    const now = this.#now()
    const gained = ((now - this.#filledAt) / 1_000) * this.#perSecond
    // Time fills it up to its burst, and leaves extra tokens alone.
    this.#tokens = Math.max(this.#tokens, Math.min(this.#burst, this.#tokens + gained))
    this.#filledAt = now
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }
}
