import { DeliveryWindow } from './delivery-window.ts'
import { FIRST_PACE, paceAfter, TICK_MS } from './pace.ts'

/** How long lies between two looks at how busy the gateway is, milliseconds. */
const LOOK_INTERVAL_MS = 280

/**
 * How much one look counts: the time between two may be full of garbage collection. One after a pause, in
 * which nothing came, counts for as many as would have been.
 */
const LOOK_WEIGHT = 0.25

/**
 * One clock for all boards of a gateway, which stands still while none is busy, and wakes the gateway
 * only for ticks with which a window ends. Each board's windows begin when it has something to send,
 * so that boards take turns. Where both of a board end at once presence comes first, since it takes
 * waiting edits along in the same write.
 */
export class DeliveryClock {
  readonly edits: DeliveryWindow
  readonly presence: DeliveryWindow
  readonly #tickMs: number
  readonly #utilization: () => number
  /** The last tick of which windows were ended. */
  #tick = 0
  /** When tick 0 was, or would have been, on the clock of `performance`. */
  #origin = 0
  #lookedAt = performance.now()
  /** How busy the gateway is, from 0 to 1: of the last looks, the newest first. */
  #busyShare = 0
  #pace = FIRST_PACE
  /** For the next tick with which a window ends. */
  #timer: { tick: number; timeout: NodeJS.Timeout } | undefined

  /**
   * @param options.tickMs milliseconds; {@link TICK_MS} unless said otherwise
   * @param options.utilization the share of time that the event loop was busy since the last call
   */
  constructor(options: { tickMs?: number | undefined; utilization?: () => number } = {}) {
    this.#tickMs = options.tickMs ?? TICK_MS
    this.#utilization = options.utilization ?? loopUtilization()
    const { edits, presence } = this.#pace
    const deps = { now: () => this.#now(), onOpen: () => this.#wakeForNext() }
    this.edits = new DeliveryWindow(edits, deps)
    this.presence = new DeliveryWindow(presence, deps)
  }

  /** Ends all windows now. */
  flush(): void {
    this.presence.flush()
    this.edits.flush()
    this.#wakeForNext()
  }

  /** A timer may be early by part of a millisecond: the tick that it ended has been, all the same. */
  #now(): number {
    if (!this.#timer) return this.#tick
    return Math.max(this.#tick, Math.floor((performance.now() - this.#origin) / this.#tickMs))
  }

  #wakeForNext(): void {
    const tick = Math.min(this.presence.nextEnd, this.edits.nextEnd)
    if (tick === this.#timer?.tick) return
    const now = performance.now()
    if (!this.#timer) this.#origin = now - this.#tick * this.#tickMs
    clearTimeout(this.#timer?.timeout)
    this.#timer = undefined
    if (tick === Number.POSITIVE_INFINITY) return
    // Of whole milliseconds: a timer of 13.4 wakes the process at 13 and again at 14. Node 24 warns of a
    // negative one, which a tick that a busy loop was late for would get.
    const ms = Math.max(0, Math.round(this.#origin + tick * this.#tickMs - now))
    this.#timer = { tick, timeout: setTimeout(() => this.#endWindows(tick), ms) }
  }

  /** Ticks that a busy loop was too late for end now, with the newest. */
  #endWindows(tick: number): void {
    this.#tick = Math.max(tick, this.#now())
    if (performance.now() - this.#lookedAt >= LOOK_INTERVAL_MS) this.#look()
    try {
      this.presence.endUpTo(this.#tick)
      this.edits.endUpTo(this.#tick)
    } finally {
      this.#wakeForNext()
    }
  }

  #look(): void {
    const now = performance.now()
    const change = this.#utilization() - this.#busyShare
    const looks = change < 0 ? (now - this.#lookedAt) / LOOK_INTERVAL_MS : 1
    this.#lookedAt = now
    this.#busyShare += Math.min(1, LOOK_WEIGHT * looks) * change
    this.#pace = paceAfter(this.#pace, this.#busyShare)
    this.edits.length = this.#pace.edits
    this.presence.length = this.#pace.presence
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
