import type { Flushable } from '../flush-window.ts'
import type { WindowLength } from './pace.ts'

/** More ticks than any window is long. */
const WHEEL_TICKS = 32

/**
 * Gathers what comes until a window ends. A patient window begins with the first of it. Where windows
 * are eager that first one leaves at once, and the next window begins as one ends in which something
 * came. They are counted in the ticks of a clock.
 */
export class DeliveryWindow {
  /** What has a window open, and whether it has something to send when that ends. */
  readonly #open = new Map<Flushable, boolean>()
  /** Whose window ends with which of the next ticks. */
  readonly #wheel = emptyWheel()
  /** Up to this tick all windows have ended. */
  #ended = 0
  #length: WindowLength
  readonly #now: () => number
  readonly #onOpen: () => void

  /**
   * @param deps.now the tick of now
   * @param deps.onOpen called when a window opens out of turn: it has to be ended
   */
  constructor(length: WindowLength, deps: { now: () => number; onOpen: () => void }) {
    this.#length = length
    this.#now = deps.now
    this.#onOpen = deps.onOpen
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
    if (this.#open.has(item)) {
      this.#open.set(item, true)
    } else {
      this.#begin(item, this.#now())
      this.#onOpen()
    }
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
      const hasMore = this.#open.get(item)
      this.#open.delete(item)
      if (!hasMore) continue
      if (this.#length.isEager) this.#begin(item, now)
      else item.flush()
    }
  }

  /** The window begins before anything leaves: what that offers waits for it. */
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
