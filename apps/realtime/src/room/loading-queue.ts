/** Most bytes that a board's clients and other gateways may send before its document is loaded. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024

/** What arrives before a board's document is loaded, in its order. */
export class LoadingQueue {
  #pending: { handle: () => void; release: (() => void) | undefined }[] = []
  #bytes = 0

  /** Counts bytes that arrived. @returns whether there is room to keep them */
  reserve(bytes: number): boolean {
    this.#bytes += bytes
    return this.#bytes <= MAX_PENDING_BYTES
  }

  /** Runs something once the document is loaded. @param release called then, or if it never is */
  add(handle: () => void, release?: () => void): void {
    this.#pending.push({ handle, release })
  }

  /** The document will not be loaded. */
  drop(): void {
    for (const { release } of this.#pending) release?.()
    this.#pending = []
  }

  /** The document is loaded. */
  runAll(): void {
    for (const { handle, release } of this.#pending) {
      release?.()
      handle()
    }
    this.#pending = []
  }
}
