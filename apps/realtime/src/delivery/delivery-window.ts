import type { Flushable } from '../flush-window.ts'

/**
 * Lets the first thing pass at once, and gathers what comes after it until the window ends. What
 * sent something in a window is busy in the next one; what had nothing more to send is quiet again.
 */
export class DeliveryWindow {
  /** What is busy, and whether it has something to send. */
  readonly #busy = new Map<Flushable, boolean>()
  readonly #onBusy: () => void

  /** @param onBusy called when something is busy that was not: the window has to end some time */
  constructor(onBusy: () => void) {
    this.#onBusy = onBusy
  }

  /** Whether nothing is busy. */
  get isQuiet(): boolean {
    return this.#busy.size === 0
  }

  /** Says that an item has something to send: flushes it now, or when the window ends. */
  offer(item: Flushable): void {
    const isBusy = this.#busy.has(item)
    this.#busy.set(item, isBusy)
    if (isBusy) return
    this.#onBusy()
    item.flush()
  }

  /** Ends the window, and with it begins the next. What is offered meanwhile waits for that one. */
  end(): void {
    for (const [item, hasMore] of [...this.#busy]) {
      if (!hasMore) {
        this.#busy.delete(item)
      } else {
        this.#busy.set(item, false)
        item.flush()
      }
    }
  }
}
