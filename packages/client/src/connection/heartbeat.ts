/**
 * Notices that a line is dead although nobody closed it. A page does not see the pings of the
 * protocol, so it says `ping` itself where it heard nothing for a third of the time it has, and
 * gives up where nothing answers for another third. That also keeps proxies from cutting a line
 * for its silence.
 */
export class Heartbeat {
  readonly #stepMs: number
  readonly #ping: () => void
  readonly #giveUp: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #heardAt = Date.now()
  #isAsking = false

  /** @param options.withinSeconds how soon a dead line has to be noticed */
  constructor(options: { withinSeconds: number; ping: () => void; giveUp: () => void }) {
    this.#stepMs = (options.withinSeconds * 1_000) / 3
    this.#ping = options.ping
    this.#giveUp = options.giveUp
    this.#wait(this.#stepMs)
  }

  /** Something was heard. */
  beat(): void {
    this.#heardAt = Date.now()
    this.#isAsking = false
  }

  /** Asks at once, as after the machine slept. */
  check(): void {
    if (!this.#isAsking) this.#ask()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), ms)
  }

  #look(): void {
    if (this.#isAsking) {
      this.#giveUp()
      return
    }
    // A timer may come much too late, in a hidden tab or after sleep: silence alone proves nothing.
    const silentMs = Date.now() - this.#heardAt
    if (silentMs >= this.#stepMs) this.#ask()
    else this.#wait(this.#stepMs - silentMs)
  }

  #ask(): void {
    this.#isAsking = true
    this.#ping()
    this.#wait(this.#stepMs)
  }
}
