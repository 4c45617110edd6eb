/** Most bytes that a board's clients and other gateways may send before its document is loaded. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024

/** What waits, in its order, for a board's document to be loaded. */
export class LoadingQueue {
  #waiting: (() => void)[] = []
  #bytes = 0

  /** Counts bytes that came. @returns whether there is room to keep them */
  takeIn(bytes: number): boolean {
    this.#bytes += bytes
    return this.#bytes <= MAX_WAITING_BYTES
  }

  /** Handles something once the document is there. */
  add(handle: () => void): void {
    this.#waiting.push(handle)
  }

  /** The document is there. */
  handleAll(): void {
    for (const handle of this.#waiting) handle()
    this.#waiting = []
  }
}
