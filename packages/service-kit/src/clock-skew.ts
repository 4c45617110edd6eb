import type { Logger } from './logger.ts'

/**
 * How far the clocks of the services may differ, seconds: so long before its time and after its end, an access
 * token is valid. Else a service whose clock is ahead would refuse tokens that were just signed to last no
 * longer. Nobody gains by it: with its session a token ends at once.
 */
export const CLOCK_TOLERANCE_SECONDS = 60

/** A time that took longer to arrive says too little, milliseconds: it is off by half of that. */
const MAX_ROUND_TRIP_MS = 2_000

/** How far our time of day is ahead of another's, as last compared; logged once where it exceeds the tolerance. */
export class ClockSkew {
  readonly #log: Logger
  readonly #other: string
  #seconds = 0
  #isTooLarge = false

  /** @param deps.other whose clock it is compared with, for the log */
  constructor(deps: { log: Logger; other: string }) {
    this.#log = deps.log
    this.#other = deps.other
  }

  /** Negative where ours is behind; 0 while it is unknown. */
  get seconds(): number {
    return this.#seconds
  }

  /**
   * The other said what time it is.
   * @param theirs milliseconds since 1970
   * @param askedAt when it was asked, in the time of `performance.now()`
   */
  note(theirs: number, askedAt: number): void {
    const tookMs = performance.now() - askedAt
    if (Number.isNaN(theirs) || tookMs > MAX_ROUND_TRIP_MS) return
    this.#seconds = (Date.now() - tookMs / 2 - theirs) / 1_000
    const isTooLarge = Math.abs(this.#seconds) > CLOCK_TOLERANCE_SECONDS
    if (isTooLarge === this.#isTooLarge) return
    this.#isTooLarge = isTooLarge
    const fields = { other: this.#other, aheadSeconds: Math.round(this.#seconds) }
    if (isTooLarge) this.#log.warn(fields, 'the clocks differ too much')
    else this.#log.info(fields, 'the clocks agree again')
  }
}
