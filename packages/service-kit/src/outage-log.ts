import type { Logger } from './logger.ts'

/** Most reasons of one outage that are logged. */
const MAX_REASONS = 5

/**
 * Logs an outage of something that is tried again and again: a line when it begins, one for each further
 * reason, and one when it is over. A line for each attempt would fill the log with the same.
 */
export class OutageLog {
  readonly #log: Logger
  readonly #failed: string
  readonly #recovered: string
  #beganAt = 0
  #attempts = 0
  #reasons = new Set<string>()

  /** @param deps.failed what is logged when it begins, and `deps.recovered` when it is over */
  constructor(deps: { log: Logger; failed: string; recovered: string }) {
    this.#log = deps.log
    this.#failed = deps.failed
    this.#recovered = deps.recovered
  }

  /** An attempt failed. */
  fail(error: unknown, fields: object = {}): void {
    if (this.#attempts++ === 0) this.#beganAt = performance.now()
    const message = error instanceof Error ? error.message : String(error)
    // Some say when they try again, which is another time with each attempt.
    const reason = message.replace(/\d+/g, '0')
    if (this.#reasons.has(reason) || this.#reasons.size >= MAX_REASONS) return
    this.#reasons.add(reason)
    this.#log.warn({ err: error, ...fields }, this.#failed)
  }

  /** An attempt succeeded. */
  recover(): void {
    if (this.#attempts === 0) return
    const seconds = Math.round((performance.now() - this.#beganAt) / 1_000)
    this.#log.info({ attempts: this.#attempts, seconds }, this.#recovered)
    this.#attempts = 0
    this.#reasons.clear()
  }
}
