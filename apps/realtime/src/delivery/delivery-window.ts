import type { Flushable } from '../flush-window.ts'
import type { WindowLength } from './pace.ts'

/** More ticks than any window is long. */
const WHEEL_TICKS = 16

/** Something that is busy. */
interface Busy {
  hasMore: boolean
  /** From which tick on it is quiet where it has nothing more. */
  quietAt: number
}

/**
 * Lets the first thing pass at once, and gathers what comes after it until a window ends that begins
 * there. What sent something in a window is busy in the next one; what had nothing more to send is
 * quiet again, or after a while. Windows are counted in the ticks of a clock.
 */
export class DeliveryWindow {
  readonly #busy = new Map<Flushable, Busy>()
  /** Whose window ends with which of the next ticks. */
  readonly #wheel = emptyWheel()
  /** Up to this tick all windows have ended. */
  #ended = 0
  #length: WindowLength
  readonly #now: () => number
  readonly #onBusy: () => void

  /**
   * @param deps.now the tick of now
   * @param deps.onBusy called when something is busy that was not: its window has to be ended
   */
  constructor(length: WindowLength, deps: { now: () => number; onBusy: () => void }) {
    this.#length = length
    this.#now = deps.now
    this.#onBusy = deps.onBusy
  }

  /** With which tick the next window ends; infinity where none is open. */
  get nextEnd(): number {
    for (let ticks = 1; ticks <= WHEEL_TICKS; ticks++) {
      const tick = this.#ended + ticks
      if ((this.#wheel[tick % WHEEL_TICKS] as Flushable[]).length > 0) return tick
    }
    return Number.POSITIVE_INFINITY
  }

  /** How long windows are that begin from now on. */
  set length(length: WindowLength) {
    this.#length = length
  }

  /** Says that an item has something to send: flushes it now, or when its window ends. */
  offer(item: Flushable): void {
    const busy = this.#busy.get(item)
    if (busy) {
      busy.hasMore = true
      return
    }
    const begun = { hasMore: false, quietAt: 0 }
    this.#busy.set(item, begun)
    this.#flush(item, begun, this.#now())
    this.#onBusy()
  }

  /** Ends all windows up to a tick. What is offered meanwhile waits for the next ones. */
  endUpTo(tick: number): void {
    const due: Flushable[] = []
    for (let t = Math.max(this.#ended, tick - WHEEL_TICKS) + 1; t <= tick; t++) {
      due.push(...(this.#wheel[t % WHEEL_TICKS] as Flushable[]))
      this.#wheel[t % WHEEL_TICKS] = []
    }
    this.#ended = tick
    this.#endAll(due, tick)
  }

  /** Ends all windows now. */
  flush(): void {
    this.#endAll(this.#wheel.splice(0, WHEEL_TICKS, ...emptyWheel()).flat(), this.#now())
  }

  #endAll(due: readonly Flushable[], now: number): void {
    for (const item of due) {
      const busy = this.#busy.get(item) as Busy
      if (busy.hasMore) this.#flush(item, busy, now)
      else if (now < busy.quietAt) this.#begin(item, now)
      else this.#busy.delete(item)
    }
  }

  /** The next window begins before the flush: what that offers waits for it. */
  #flush(item: Flushable, busy: Busy, now: number): void {
    const { ticks, lingerTicks } = this.#length
    busy.hasMore = false
    busy.quietAt = now + ticks + lingerTicks
    this.#begin(item, now)
    item.flush()
  }

  #begin(item: Flushable, now: number): void {
    this.#wheel[(now + this.#length.ticks) % WHEEL_TICKS]?.push(item)
  }
}

function emptyWheel(): Flushable[][] {
  return Array.from({ length: WHEEL_TICKS }, () => [])
}
