import type { Socket } from 'node:net'
import type { Line } from './line.ts'

/** Most bytes that one direction of a connection keeps, besides what the kernel's buffers hold. */
const MAX_KEPT_BYTES = 1024 * 1024

/** The same on a limited line: connections share it, and each waits for what the others keep. */
const MAX_KEPT_BYTES_LIMITED = 64 * 1024

/** One direction of a connection: bytes arrive, and go on when they are due. */
export class Flow {
  readonly #from: Socket
  readonly #to: Socket
  readonly #line: Line
  readonly #delayMs: () => number | undefined
  readonly #kept: { chunk: Buffer; dueAt: number }[] = []
  #keptBytes = 0
  #isEnded = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param line what it shares with the flows of other connections
   * @param delayMs how long bytes take at present; undefined while nothing passes
   */
  constructor(from: Socket, to: Socket, line: Line, delayMs: () => number | undefined) {
    this.#from = from
    this.#to = to
    this.#line = line
    this.#delayMs = delayMs
    from.on('data', (chunk: Buffer) => {
      this.#kept.push({ chunk, dueAt: line.pass(chunk.length) + (delayMs() ?? 0) })
      this.#keptBytes += chunk.length
      this.pump()
      if (this.#isFull) from.pause()
    })
    to.on('drain', () => this.pump())
    from.once('close', () => {
      this.#isEnded = true
      this.pump()
    })
  }

  /** Passes on what is due, and the end of the connection after the last byte. */
  pump(): void {
    if (this.#delayMs() === undefined) return
    clearTimeout(this.#timer)
    const now = performance.now()
    for (let first = this.#kept[0]; first; first = this.#kept[0]) {
      if (first.dueAt > now) {
        this.#timer = setTimeout(() => this.pump(), first.dueAt - now)
        return
      }
      this.#kept.shift()
      this.#keptBytes -= first.chunk.length
      if (!this.#to.destroyed) this.#to.write(first.chunk)
    }
    if (this.#isEnded) this.#to.end(() => this.#to.destroy())
    else if (this.#from.isPaused() && !this.#isFull) this.#from.resume()
  }

  /** Counts what the target does not take, too: a slow reader slows its sender. */
  get #isFull(): boolean {
    const most = this.#line.isLimited ? MAX_KEPT_BYTES_LIMITED : MAX_KEPT_BYTES
    return this.#keptBytes + this.#to.writableLength >= most
  }
}
