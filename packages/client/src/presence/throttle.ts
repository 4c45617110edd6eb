/** Calls a function at most once per interval: immediately, then when the interval has passed. */
export class Throttle {
  readonly #run: () => void
  readonly #intervalMs: () => number
  #ranAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param intervalMs called each time, milliseconds */
  constructor(run: () => void, intervalMs: () => number) {
    this.#run = run
    this.#intervalMs = intervalMs
  }

  /** Runs now, or as soon as the interval has passed. */
  request(): void {
    this.#timer ??= this.#wait()
  }

  /** The interval changed: a pending call is scheduled again. */
  reconsider(): void {
    if (this.#timer === undefined) return
    this.cancel()
    this.#timer = this.#wait()
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #wait(): ReturnType<typeof setTimeout> | undefined {
    const inMs = this.#ranAt + this.#intervalMs() - Date.now()
    if (inMs > 0) return setTimeout(() => this.#go(), inMs)
    this.#go()
    return undefined
  }

  #go(): void {
    this.#timer = undefined
    this.#ranAt = Date.now()
    this.#run()
  }
}
