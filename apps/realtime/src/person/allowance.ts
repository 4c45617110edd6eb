/**
 * How much a person may use of something: so much a second on average, and so much at once. What exceeds
 * that is not begun before the rest is paid for; what is begun may be of any size.
 */
export class Allowance {
  readonly #perMs: number
  readonly #burst: number
  /** Until when what was used is paid for, as `performance.now` counts. */
  #paidUntil = 0

  constructor({ perSecond, burst }: { perSecond: number; burst: number }) {
    this.#perMs = perSecond / 1_000
    this.#burst = burst
  }

  isUsedUp(now: number): boolean {
    return this.owedMs(now) * this.#perMs > this.#burst
  }

  /** Uses so much, unless too much is not paid for yet. @returns whether it may be used */
  take(amount: number, now = performance.now()): boolean {
    if (this.isUsedUp(now)) return false
    this.charge(now, amount)
    return true
  }

  /** So much is used, from now on. */
  charge(now: number, amount: number): void {
    this.#paidUntil = Math.max(this.#paidUntil, now) + amount / this.#perMs
  }

  /** How long it takes until everything is paid for, milliseconds; negative once it is. */
  owedMs(now: number): number {
    return this.#paidUntil - now
  }
}
