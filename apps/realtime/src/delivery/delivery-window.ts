import type { Flushable } from '../flush-window.ts'
import type { WindowLength } from './pace.ts'

/** More ticks than any window is long. */
const WHEEL_TICKS = 32

/**
 * Batches what is offered until a window ends. A patient window begins with the first offer. With eager
 * windows the first offer is flushed at once, and the next window begins when one ends in which
 * something was offered. Windows are counted in the ticks of a clock.
 */
export class DeliveryWindow {
  /** Items with an open window, and whether they have something to send when it ends. */
  readonly #open = new Map<Flushable, boolean>()
  /** Items by the tick at which their window ends. */
  readonly #wheel = emptyWheel()
  /** All windows up to this tick have ended. */
  #ended = 0
  #length: WindowLength
  readonly #now: () => number
  readonly #onOpen: () => void

  /**
   * @param deps.now the current tick
   * @param deps.onOpen called when an offer opens a window: the clock has to end it
   */
  constructor(length: WindowLength, deps: { now: () => number; onOpen: () => void }) {
    this.#length = length
    this.#now = deps.now
    this.#onOpen = deps.onOpen
  }

  /** The tick at which the next window ends; infinity where none is open. */
  get nextEnd(): number {
    for (let ticks = 1; ticks <= WHEEL_TICKS; ticks++) {
      const tick = this.#ended + ticks
      if ((this.#wheel[tick % WHEEL_TICKS] as Flushable[]).length > 0) return tick
    }
    return Number.POSITIVE_INFINITY
  }

  /** Whether what is offered is flushed at once, unless its window is open. */
  get isEager(): boolean {
    return this.#length.isEager
  }

  /** The length of windows that begin from now on. */
  set length(length: WindowLength) {
    this.#length = length
  }

  /** An item has something to send: flushes it now, or when its window ends. */
  offer(item: Flushable): void {
    if (this.#open.has(item)) {
      this.#open.set(item, true)
    } else {
      this.#begin(item, this.#now())
      this.#onOpen()
    }
  }

  /** Ends all windows up to a tick. What is offered meanwhile is deferred to the next window. */
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
      const hasMore = this.#open.get(item)
      this.#open.delete(item)
      if (!hasMore) continue
      if (this.#length.isEager) this.#begin(item, now)
      else item.flush()
    }
  }

  /** The window begins before the flush: what is offered during the flush is deferred to it. */
  #begin(item: Flushable, now: number): void {
    const { ticks, isEager } = this.#length
    this.#open.set(item, !isEager)
    this.#wheel[(now + ticks) % WHEEL_TICKS]?.push(item)
    if (isEager) item.flush()
  }
}

function emptyWheel(): Flushable[][] {
  return Array.from({ length: WHEEL_TICKS }, () => [])
}
