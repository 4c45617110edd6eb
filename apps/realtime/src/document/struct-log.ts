import type { ClockRange } from '@mindfuse/protocol'
import type { StructRun } from './struct-run.ts'

/** Initial size of a client's buffer, bytes; doubles when it is full. */
const MIN_BUFFER_BYTES = 64

/** Minimum distance between marks, bytes. */
export const MARK_EVERY_BYTES = 4 * 1024

/** A client's run that still grows. */
interface GrowingRun extends StructRun {
  to: number
  structs: number
  end: number
  bytes: Uint8Array
  marks: number[]
}

/**
 * Structs added since the snapshot, by client, in growing buffers. Appending costs what is appended,
 * and however many small updates there were, a client's structs are contiguous.
 */
export class StructLog {
  readonly #runs = new Map<number, GrowingRun>()

  /** A client's structs. */
  of(client: number): StructRun | undefined {
    return this.#runs.get(client)
  }

  /** Every client's run, in no particular order. */
  get runs(): Iterable<StructRun> {
    return this.#runs.values()
  }

  /** Appends a range of an update, which continues where the client's last one ended. */
  append(update: Uint8Array, range: ClockRange): void {
    const run = this.#runs.get(range.client) ?? this.#begin(range)
    const length = range.end - range.start
    if (run.end + length > run.bytes.length) {
      const larger = new Uint8Array(Math.max(2 * run.bytes.length, run.end + length))
      larger.set(run.bytes.subarray(0, run.end))
      run.bytes = larger
    }
    if (run.end - (run.marks.at(-2) ?? 0) >= MARK_EVERY_BYTES) {
      run.marks.push(run.to, run.end, run.structs)
    }
    for (let i = 0; i < range.marks.length; i += 3) {
      const [clock, offset, before] = range.marks.slice(i, i + 3) as [number, number, number]
      run.marks.push(clock, offset - range.start + run.end, before + run.structs)
    }
    run.bytes.set(update.subarray(range.start, range.end), run.end)
    run.end += length
    run.to = range.to
    run.structs += range.structs
  }

  #begin({ client, from, start, end }: ClockRange): GrowingRun {
    const bytes = new Uint8Array(Math.max(MIN_BUFFER_BYTES, end - start))
    const run = { client, from, to: from, structs: 0, bytes, start: 0, end: 0, marks: [] }
    this.#runs.set(client, run)
    return run
  }
}
