import { performance as processPerformance } from 'node:perf_hooks'
import { DeliveryWindow } from './delivery-window.ts'
import { FIRST_PACE, paceAfter, TICK_MS } from './pace.ts'

/** How often the gateway's load is sampled, milliseconds. */
const SAMPLE_INTERVAL_MS = 280

/**
 * The weight of one sample: the time between two may be full of garbage collection. A lower one after a
 * pause, in which nothing happened, counts for all samples that the pause left out.
 */
const SAMPLE_WEIGHT = 0.25

/**
 * One clock for all boards of a gateway. It stands still while none is busy, and wakes the gateway only
 * for ticks at which a window ends. Each board's windows begin when it has something to send, so that
 * boards take turns. Where both windows of a board end at once presence is first, since its write
 * includes the pending edits.
 */
export class DeliveryClock {
  readonly edits: DeliveryWindow
  readonly presence: DeliveryWindow
  readonly #tickMs: number
  readonly #utilization: () => number
  /** The last tick whose windows were ended. */
  #tick = 0
  /** When tick 0 was, or would have been, in the time of `performance.now()`. */
  #origin = 0
  #sampledAt = performance.now()
  /** The gateway's load from 0 to 1: a moving average of the samples. */
  #busyShare = 0
  #pace = FIRST_PACE
  /** For the next tick at which a window ends. */
  #timer: { tick: number; timeout: NodeJS.Timeout } | undefined

  /**
   * @param options.tickMs milliseconds; {@link TICK_MS} by default
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

  /** A timer may be early by part of a millisecond: its tick has passed all the same. */
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
    // Whole milliseconds: a timer of 13.4 wakes the process at 13 and again at 14. Never negative, of
    // which Node 24 warns: a busy event loop may be late for the tick.
    const ms = Math.max(0, Math.round(this.#origin + tick * this.#tickMs - now))
    this.#timer = { tick, timeout: setTimeout(() => this.#endWindows(tick), ms) }
  }

  /** Also ends the windows of ticks that a busy event loop was too late for. */
  #endWindows(tick: number): void {
    this.#tick = Math.max(tick, this.#now())
    if (performance.now() - this.#sampledAt >= SAMPLE_INTERVAL_MS) this.#sample()
    try {
      this.presence.endUpTo(this.#tick)
      this.edits.endUpTo(this.#tick)
    } finally {
      this.#wakeForNext()
    }
  }

  #sample(): void {
    const now = performance.now()
    const change = this.#utilization() - this.#busyShare
    const samples = change < 0 ? (now - this.#sampledAt) / SAMPLE_INTERVAL_MS : 1
    this.#sampledAt = now
    this.#busyShare += Math.min(1, SAMPLE_WEIGHT * samples) * change
    this.#pace = paceAfter(this.#pace, this.#busyShare)
    this.edits.length = this.#pace.edits
    this.presence.length = this.#pace.presence
  }
}

/** Of the process, whatever a test has put in place of the global clock. */
function loopUtilization(): () => number {
  let last = processPerformance.eventLoopUtilization()
  return () => {
    const now = processPerformance.eventLoopUtilization()
    const { utilization } = processPerformance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
