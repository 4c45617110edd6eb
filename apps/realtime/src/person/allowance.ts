/** So much a second on average, and so much at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * How much a person may use of something: so much a second on average, and so much at once. What exceeds
 * that is not begun before the rest is paid for; what is begun may be of any size.
 */
export class Allowance {
  readonly #rate: Rate
  /** Until when what was used is paid for, as `performance.now` counts. */
  #paidUntil = 0

  constructor(rate: Rate) {
    this.#rate = rate
  }

  isUsedUp(now: number): boolean {
    return (this.owedMs(now) / 1_000) * this.#rate.perSecond > this.#rate.burst
  }

  /** Uses so much, unless too much is not paid for yet. @returns whether it may be used */
  take(amount: number, now = performance.now()): boolean {
    if (this.isUsedUp(now)) return false
    this.charge(now, amount)
    return true
  }

  /** So much is used, from now on. */
  charge(now: number, amount: number): void {
    this.#paidUntil = Math.max(this.#paidUntil, now) + (amount / this.#rate.perSecond) * 1_000
  }

  /** How long it takes until everything is paid for, milliseconds; negative once it is. */
  owedMs(now: number): number {
    return this.#paidUntil - now
  }
}
