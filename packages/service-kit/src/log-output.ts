import { write, writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

/** Most characters of lines that wait; further lines are dropped. */
const MAX_WAITING = 8 * 1024 * 1024

/** When a reader that takes nothing at present is tried again, milliseconds. */
const RETRY_MS = 10

/**
 * Writes log lines to a file descriptor, without waiting for it. What it does not take is dropped: a
 * terminal that is gone, a full disk or a reader that hangs neither ends the process nor keeps it from
 * ending. pino's own destination tries for ever to write the rest when the process exits.
 */
export class LogOutput implements DestinationStream {
  readonly #fd: number
  #lines: string[] = []
  #waiting = 0
  #isBusy = false

  constructor(fd: number) {
    this.#fd = fd
  }

  write(line: string): void {
    if (this.#waiting + line.length > MAX_WAITING) return
    this.#lines.push(line)
    this.#waiting += line.length
    if (this.#isBusy) return
    this.#isBusy = true
    // Most lines come in groups, and the last ones just before the end, which writes them itself.
    setImmediate(() => this.#writeNext())
  }

  /** Writes what waits before the process ends, as far as it is taken at once. */
  flush(): void {
    try {
      for (let rest = this.#takeAll(); rest.length > 0; ) {
        rest = rest.subarray(writeSync(this.#fd, rest))
      }
    } catch {
      // There is nowhere to report it.
    }
  }

  #takeAll(): Buffer {
    const all = Buffer.from(this.#lines.join(''))
    this.#lines = []
    this.#waiting = 0
    return all
  }

  #writeNext(chunk = this.#takeAll()): void {
    if (chunk.length === 0) {
      this.#isBusy = false
      return
    }
    write(this.#fd, chunk, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#writeNext(chunk), RETRY_MS).unref()
      else if (error || written === chunk.length) this.#writeNext()
      else this.#writeNext(chunk.subarray(written))
    })
  }
}
