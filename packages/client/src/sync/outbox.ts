import { mergeUpdates } from 'yjs'

/** While somebody draws, edits gather for so long and leave as one frame, milliseconds. */
const WINDOW_MS = 20

/** Past so many bytes that wait to leave this machine, edits gather on, bytes. */
const MAX_BUFFERED_BYTES = 1024 * 1024

/**
 * Edits on their way out. The first leaves at once. Those that follow gather, so that a pointer
 * that moves at 120 Hz stays below the rate of frames that a gateway takes.
 */
export class Outbox {
  readonly #send: (update: Uint8Array) => void
  readonly #bufferedBytes: () => number
  #gathered: Uint8Array[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: { send: (update: Uint8Array) => void; bufferedBytes: () => number }) {
    this.#send = options.send
    this.#bufferedBytes = options.bufferedBytes
  }

  add(update: Uint8Array): void {
    this.#gathered.push(update)
    if (this.#timer === undefined) this.#flushOrWait()
  }

  /** Sends what has gathered. */
  flush(): void {
    const gathered = this.#gathered
    if (gathered.length === 0) return
    this.#gathered = []
    this.#send(gathered.length === 1 && gathered[0] ? gathered[0] : mergeUpdates(gathered))
  }

  /** Forgets what has gathered: it travels another way. */
  clear(): void {
    this.#gathered = []
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #flushOrWait(): void {
    this.#timer = undefined
    if (this.#gathered.length === 0) return
    if (this.#bufferedBytes() <= MAX_BUFFERED_BYTES) this.flush()
    this.#timer = setTimeout(() => this.#flushOrWait(), WINDOW_MS)
  }
}
