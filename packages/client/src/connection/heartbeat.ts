/**
 * Detects a connection that is dead although nobody closed it. A page does not see the protocol's
 * pings, so the client sends a `ping` message after a third of the timeout without any message, and
 * gives up when nothing arrives within another third, in which nothing left either: a ping waits behind a
 * large edit on a thin uplink. This also keeps proxies from closing an idle connection.
 */
export class Heartbeat {
  readonly #stepMs: number
  readonly #ping: () => void
  readonly #giveUp: () => void
  readonly #bufferedBytes: () => number
  #timer: ReturnType<typeof setTimeout> | undefined
  #receivedAt = Date.now()
  #isPinging = false
  /** What had not left when it was looked at last, bytes. */
  #unsentBytes = 0

  /** @param options.withinSeconds how soon a dead connection has to be detected */
  constructor(options: {
    withinSeconds: number
    ping: () => void
    giveUp: () => void
    bufferedBytes: () => number
  }) {
    this.#stepMs = (options.withinSeconds * 1_000) / 3
    this.#ping = options.ping
    this.#giveUp = options.giveUp
    this.#bufferedBytes = options.bufferedBytes
    this.#wait(this.#stepMs)
  }

  /** Something was received. */
  beat(): void {
    this.#receivedAt = Date.now()
    this.#isPinging = false
  }

  /** Pings immediately, for example after the machine slept. */
  check(): void {
    if (!this.#isPinging) this.#sendPing()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#timeout(), ms)
  }

  #timeout(): void {
    if (this.#isPinging) {
      const before = this.#unsentBytes
      this.#unsentBytes = this.#bufferedBytes()
      if (this.#unsentBytes < before) this.#wait(this.#stepMs)
      else this.#giveUp()
      return
    }
    // A timer may fire much too late, in a hidden tab or after sleep: silence alone proves nothing.
    const idleMs = Date.now() - this.#receivedAt
    if (idleMs >= this.#stepMs) this.#sendPing()
    else this.#wait(this.#stepMs - idleMs)
  }

  #sendPing(): void {
    this.#isPinging = true
    this.#ping()
    this.#unsentBytes = this.#bufferedBytes()
    this.#wait(this.#stepMs)
  }
}
