/**
 * How much of the event loop's time some work of one person may take: a part of it on average, and so
 * much at once. What exceeds that is not begun before it is paid for.
 */
export class TimeShare {
  readonly #part: number
  readonly #burstMs: number
  /** Until when the time that was taken is paid for, as `performance.now` counts. */
  #paidUntil = 0

  constructor({ part, burstMs }: { part: number; burstMs: number }) {
    this.#part = part
    this.#burstMs = burstMs
  }

  isUsedUp(now: number): boolean {
    return this.owedMs(now) * this.#part > this.#burstMs
  }

  /** Work was done from one time to another. */
  charge(from: number, to: number): void {
    this.#paidUntil = Math.max(this.#paidUntil, from) + (to - from) / this.#part
  }

  /** How long it takes until everything is paid for, milliseconds; negative once it is. */
  owedMs(now: number): number {
    return this.#paidUntil - now
  }
}
