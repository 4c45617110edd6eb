import { DeliveryWindow } from './delivery-window.ts'
import { paceAt, TICK_MS } from './pace.ts'

/** How many ticks lie between two looks at how busy the gateway is. */
const TICKS_PER_LOOK = 20

/**
 * One clock for all boards of a gateway, which stands still while none is busy. Each board's windows
 * begin when it has something to send, so that boards take turns. Where both of a board end at once
 * presence comes first, since it takes waiting edits along in the same write.
 */
export class DeliveryClock {
  readonly edits: DeliveryWindow
  readonly presence: DeliveryWindow
  readonly #tickMs: number
  readonly #utilization: () => number
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
    const { edits, presence } = paceAt(0)
    this.edits = new DeliveryWindow(edits, () => this.#start())
    this.presence = new DeliveryWindow(presence, () => this.#start())
  }

  /** Ends all windows now. */
  flush(): void {
    this.presence.flush()
    this.edits.flush()
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
    if (this.#ticks % TICKS_PER_LOOK === 0) this.#look()
    this.presence.tick()
    this.edits.tick()
    if (!this.edits.isQuiet || !this.presence.isQuiet) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const { edits, presence } = paceAt(this.#utilization())
    this.edits.length = edits
    this.presence.length = presence
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
