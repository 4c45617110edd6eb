import type { Flushable } from '../flush-window.ts'

/** More ticks than any window is long. */
const WHEEL_TICKS = 16

/**
 * Lets the first thing pass at once, and gathers what comes after it until a window ends that begins
 * there. What sent something in a window is busy in the next one; what had nothing more to send is
 * quiet again. Windows are counted in the ticks of a clock.
 */
export class DeliveryWindow {
  /** What is busy, and whether it has something to send. */
  readonly #busy = new Map<Flushable, boolean>()
  /** Whose window ends with which of the next ticks. */
  readonly #wheel: Flushable[][] = Array.from({ length: WHEEL_TICKS }, () => [])
  #at = 0
  #ticks: number
  readonly #onBusy: () => void

  /**
   * @param ticks how long windows are
   * @param onBusy called when something is busy that was not: ticks have to come
   */
  constructor(ticks: number, onBusy: () => void) {
    this.#ticks = ticks
    this.#onBusy = onBusy
  }

  /** Whether nothing is busy. */
  get isQuiet(): boolean {
    return this.#busy.size === 0
  }

  /** How long windows are that begin from now on, ticks. */
  set ticks(ticks: number) {
    this.#ticks = ticks
  }

  /** Says that an item has something to send: flushes it now, or when its window ends. */
  offer(item: Flushable): void {
    const isBusy = this.#busy.has(item)
    if (isBusy) {
      this.#busy.set(item, true)
      return
    }
    this.#flush(item)
    this.#onBusy()
  }

  /** A tick has passed. What is offered while windows end waits for the next ones. */
  tick(): void {
    this.#at = (this.#at + 1) % WHEEL_TICKS
    this.#endAll(this.#at)
  }

  /** Ends all windows now. */
  flush(): void {
    for (let slot = 0; slot < WHEEL_TICKS; slot++) this.#endAll(slot)
  }

  #endAll(slot: number): void {
    const due = this.#wheel[slot] as Flushable[]
    this.#wheel[slot] = []
    for (const item of due) {
      if (this.#busy.get(item)) this.#flush(item)
      else this.#busy.delete(item)
    }
  }

  /** The next window begins before the flush: what that offers waits for it. */
  #flush(item: Flushable): void {
    this.#busy.set(item, false)
    this.#wheel[(this.#at + this.#ticks) % WHEEL_TICKS]?.push(item)
    item.flush()
  }
}
