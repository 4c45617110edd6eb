import { mergeUpdates } from 'yjs'

/** Edits within this time are sent as one frame, milliseconds. */
const WINDOW_MS = 20

/** While the socket buffers more than this, edits stay pending, bytes. */
const MAX_BUFFERED_BYTES = 1024 * 1024

/**
 * Batches outgoing edits. The first is sent immediately and those that follow share a frame per
 * window, so that a pointer that moves at 120 Hz stays below the gateway's rate limit.
 */
export class Outbox {
  readonly #send: (update: Uint8Array) => void
  readonly #bufferedBytes: () => number
  #pending: Uint8Array[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: { send: (update: Uint8Array) => void; bufferedBytes: () => number }) {
    this.#send = options.send
    this.#bufferedBytes = options.bufferedBytes
  }

  add(update: Uint8Array): void {
    this.#pending.push(update)
    if (this.#timer === undefined) this.#flushOrWait()
  }

  /** Sends the pending edits now. */
  flush(): void {
    const pending = this.#pending
    if (pending.length === 0) return
    this.#pending = []
    this.#send(pending.length === 1 && pending[0] ? pending[0] : mergeUpdates(pending))
  }

  /** Drops the pending edits: a sync step 2 contains them. */
  clear(): void {
    this.#pending = []
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #flushOrWait(): void {
    this.#timer = undefined
    if (this.#pending.length === 0) return
    if (this.#bufferedBytes() <= MAX_BUFFERED_BYTES) this.flush()
    this.#timer = setTimeout(() => this.#flushOrWait(), WINDOW_MS)
  }
}
