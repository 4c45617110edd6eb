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
  /** How many structs at its end hold values that Yjs merges into one. */
  row: number
}

/** What is added to the log. */
export interface Addition {
  ranges: readonly ClockRange[]
  /** How many values Yjs copies to merge their structs with each other. */
  copies: number
  isDeleted: (client: number, clock: number) => boolean
}

/**
 * Structs added since the snapshot, by client, in growing buffers. Appending costs what is appended,
 * and however many small updates there were, a client's structs are contiguous.
 */
export class StructLog {
  readonly #runs = new Map<number, GrowingRun>()
  #copies = 0

  /** How many values Yjs copies to merge the structs of the log: see `MAX_BOARD_COPIES`. */
  get copies(): number {
    return this.#copies
  }

  /** How many values Yjs copies in addition with these ranges. */
  copiesWith({ ranges, copies, isDeleted }: Addition): number {
    let sum = copies
    for (const range of ranges) sum += range.leadValues * this.#rowBefore(range, isDeleted)
    return sum
  }

  /** A client's structs. */
  of(client: number): StructRun | undefined {
    return this.#runs.get(client)
  }

  /** Every client's run, in no particular order. */
  get runs(): Iterable<StructRun> {
    return this.#runs.values()
  }

  /**
   * Appends the new ranges of an update, each where the client's last one ended.
   * @param copies see {@link copiesWith}
   */
  add(update: Uint8Array, addition: Addition, copies: number): void {
    this.#copies += copies
    for (const range of addition.ranges) {
      const row = this.#rowBefore(range, addition.isDeleted)
      const run = this.#append(update, range)
      run.row = range.leadStructs === range.structs ? row + range.structs : range.endRow
    }
  }

  /** How many structs, that hold values, Yjs merges with the first of a range. */
  #rowBefore({ client, from, leadValues }: ClockRange, isDeleted: Addition['isDeleted']): number {
    // Yjs drops values that are deleted: a key of a map may be set again and again.
    const row = leadValues === 0 ? 0 : (this.#runs.get(client)?.row ?? 0)
    return row > 0 && !isDeleted(client, from - 1) ? row : 0
  }

  #append(update: Uint8Array, range: ClockRange): GrowingRun {
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
    return run
  }

  #begin({ client, from, start, end }: ClockRange): GrowingRun {
    const bytes = new Uint8Array(Math.max(MIN_BUFFER_BYTES, end - start))
    const run = { client, from, to: from, structs: 0, bytes, start: 0, end: 0, marks: [], row: 0 }
    this.#runs.set(client, run)
    return run
  }
}
