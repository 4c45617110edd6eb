import { type Logger, OutageLog } from '@mindfuse/service-kit'

/** How often rows are touched, milliseconds. */
const TOUCH_INTERVAL_MS = 1_000

/** Moves a time of rows to the present, apart from the requests that are the reason for it. */
export class DeferredTouches {
  readonly #touch: (ids: string[]) => Promise<unknown>
  readonly #outage: OutageLog
  readonly #timer: NodeJS.Timeout
  #noted = new Set<string>()
  #touching: Promise<void> | undefined

  /**
   * @param deps.touch should leave rows alone that are locked, or were touched a moment ago
   * @param deps.what names the times, as in “uses of keys”
   */
  constructor(deps: { touch: (ids: string[]) => Promise<unknown>; what: string; log: Logger }) {
    this.#touch = deps.touch
    this.#outage = new OutageLog({
      log: deps.log,
      failed: `${deps.what} cannot be written`,
      recovered: `${deps.what} are written again`,
    })
    this.#timer = setInterval(() => this.#wake(), TOUCH_INTERVAL_MS)
  }

  /** A row is to be touched. */
  note(id: string): void {
    this.#noted.add(id)
  }

  /** Touches what is left, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#touching
    this.#wake()
    await this.#touching
  }

  #wake(): void {
    if (this.#touching || this.#noted.size === 0) return
    const noted = [...this.#noted]
    this.#noted = new Set()
    this.#touching = this.#run(noted).finally(() => {
      this.#touching = undefined
    })
  }

  async #run(ids: string[]): Promise<void> {
    try {
      await this.#touch(ids)
      this.#outage.recover()
    } catch (error) {
      this.#outage.fail(error)
    }
  }
}
