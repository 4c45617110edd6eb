import { DeliveryWindow } from './delivery-window.ts'
import { type Pace, paceAt, TICK_MS } from './pace.ts'

/** How many ticks lie between two looks at how busy the gateway is. */
const TICKS_PER_LOOK = 20

/**
 * One clock for all boards of a gateway. It ends the window for edits and the one for presence every
 * so many ticks, of all boards together, and stands still while no board is busy. Where both end at
 * once presence comes first, since it takes waiting edits along in the same write.
 */
export class DeliveryClock {
  readonly edits = new DeliveryWindow(() => this.#start())
  readonly presence = new DeliveryWindow(() => this.#start())
  readonly #tickMs: number
  readonly #utilization: () => number
  #pace: Pace = paceAt(0)
  #ticks = 0
  #dueAt = 0
  #timer: NodeJS.Timeout | undefined

  /**
   * @param options.tickMs milliseconds; {@link TICK_MS} unless said otherwise
   * @param options.utilization the share of time that the event loop was busy since the last call
   */
  constructor(options: { tickMs?: number | undefined; utilization?: () => number } = {}) {
    this.#tickMs = options.tickMs ?? TICK_MS
    this.#utilization = options.utilization ?? loopUtilization()
  }

  /** Ends both windows now. */
  flush(): void {
    this.presence.end()
    this.edits.end()
  }

  #start(): void {
    if (this.#timer) return
    this.#dueAt = performance.now()
    this.#next()
  }

  /** Ticks keep their distance however late one is; those that a busy loop missed are left out. */
  #next(): void {
    const now = performance.now()
    this.#dueAt = Math.max(this.#dueAt + this.#tickMs, now)
    this.#timer = setTimeout(() => this.#tick(), this.#dueAt - now)
  }

  #tick(): void {
    this.#next()
    this.#ticks++
    if (this.#ticks % TICKS_PER_LOOK === 0) this.#pace = paceAt(this.#utilization())
    if (this.#ticks % this.#pace.presenceTicks === 0) this.presence.end()
    if (this.#ticks % this.#pace.editTicks === 0) this.edits.end()
    if (!this.edits.isQuiet || !this.presence.isQuiet) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

function loopUtilization(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
