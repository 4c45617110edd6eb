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
  readonly #wheel: Flushable[][] = Array.from({ length: WHEEL_TICKS }, () => [])
  #tick = 0
  #length: WindowLength
  readonly #onBusy: () => void

  /** @param onBusy called when something is busy that was not: ticks have to come */
  constructor(length: WindowLength, onBusy: () => void) {
    this.#length = length
    this.#onBusy = onBusy
  }

  /** Whether nothing is busy. */
  get isQuiet(): boolean {
    return this.#busy.size === 0
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
    this.#flush(item, begun)
    this.#onBusy()
  }

  /** A tick has passed. What is offered while windows end waits for the next ones. */
  tick(): void {
    this.#tick++
    this.#endAll(this.#tick % WHEEL_TICKS)
  }

  /** Ends all windows now. */
  flush(): void {
    for (let slot = 0; slot < WHEEL_TICKS; slot++) this.#endAll(slot)
  }

  #endAll(slot: number): void {
    const due = this.#wheel[slot] as Flushable[]
    this.#wheel[slot] = []
    for (const item of due) {
      const busy = this.#busy.get(item) as Busy
      if (busy.hasMore) this.#flush(item, busy)
      else if (this.#tick < busy.quietAt) this.#begin(item)
      else this.#busy.delete(item)
    }
  }

  /** The next window begins before the flush: what that offers waits for it. */
  #flush(item: Flushable, busy: Busy): void {
    const { ticks, lingerTicks } = this.#length
    busy.hasMore = false
    busy.quietAt = this.#tick + ticks + lingerTicks
    this.#begin(item)
    item.flush()
  }

  #begin(item: Flushable): void {
    this.#wheel[(this.#tick + this.#length.ticks) % WHEEL_TICKS]?.push(item)
  }
}
