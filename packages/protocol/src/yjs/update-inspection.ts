import { ByteReader } from './byte-reader.ts'
import { Dependencies } from './dependencies.ts'
import { MAX_CLOCK, MAX_UPDATE_CLIENTS, MAX_UPDATE_DELETES } from './limits.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'
import { SKIP, skipStruct } from './struct.ts'
import type { ClientDeletes, ClockRange, UpdateSummary } from './update-summary.ts'

/** Most updates delete nothing: they share this. */
const NO_DELETES: readonly ClientDeletes[] = Object.freeze([])
const NO_MARKS: readonly number[] = Object.freeze([])

/** What the inspection of an update lets pass, and what it notes. */
export interface InspectOptions {
  /**
   * How many clients may have structs, by default `MAX_UPDATE_CLIENTS`. Boards that have lived long hold
   * more: for stored documents, which were checked when they came in, pass `Infinity`.
   */
  readonly maxClients?: number
  /** How many deleted ranges there may be, by default `MAX_UPDATE_DELETES`. */
  readonly maxDeletes?: number
  /** Notes in each range where structs lie, once in so many bytes; nowhere by default. */
  readonly markEveryBytes?: number
}

/**
 * For what is stored, every part of which was checked when it came in: together they may be of more
 * clients, and delete more, than one update of a peer may.
 */
export const STORED_INSPECTION: InspectOptions = {
  maxClients: Number.POSITIVE_INFINITY,
  maxDeletes: Number.POSITIVE_INFINITY,
}

type OpenRange = { -readonly [Key in keyof ClockRange]: ClockRange[Key] }

/**
 * The inspection of one update, which may be made in turns: see `inspectUpdate` for what it checks.
 *
 * @example
 * const inspection = new UpdateInspection(update)
 * while (!inspection.advance(256 * 1024)) await nextTurn()
 * const { ranges } = inspection.summary
 */
export class UpdateInspection {
  readonly #reader: ByteReader
  readonly #maxDeletes: number
  readonly #markEveryBytes: number
  readonly #ranges: ClockRange[] = []
  readonly #dependencies = new Dependencies()
  #deletes: readonly ClientDeletes[] = NO_DELETES
  #deletesStart = 0
  #sections: number
  #lastClient = Number.POSITIVE_INFINITY
  #structs = 0
  #hasGaps = false
  /** The range that is being read, and how many of its structs are left. */
  #range: OpenRange | undefined
  #left = 0

  /** @throws {MalformedUpdateError} */
  constructor(update: Uint8Array, options?: InspectOptions) {
    this.#reader = new ByteReader(update, MalformedUpdateError)
    this.#maxDeletes = options?.maxDeletes ?? MAX_UPDATE_DELETES
    this.#markEveryBytes = options?.markEveryBytes ?? Number.POSITIVE_INFINITY
    this.#sections = this.#reader.count(3)
    const maxClients = options?.maxClients ?? MAX_UPDATE_CLIENTS
    if (this.#sections > maxClients) {
      this.#reader.fail(`structs of more than ${maxClients} clients`, 0)
    }
  }

  /**
   * Goes on for about so many bytes of structs; deletes are read in one go.
   *
   * @returns whether that was the end
   * @throws {MalformedUpdateError}
   */
  advance(bytes = Number.POSITIVE_INFINITY): boolean {
    const reader = this.#reader
    const until = reader.offset + bytes
    while (this.#range || this.#sections > 0) {
      this.#range ??= this.#begin()
      this.#readStructs(this.#range, until)
      if (this.#left > 0) return false
      this.#finish(this.#range)
      this.#range = undefined
    }
    this.#deletesStart = reader.offset
    this.#deletes = readDeleteSet(reader, this.#maxDeletes)
    reader.end()
    return true
  }

  /** What was found; all of it once {@link advance} has returned true. */
  get summary(): UpdateSummary {
    return {
      ranges: this.#ranges,
      structs: this.#structs,
      hasGaps: this.#hasGaps,
      dependencies: this.#dependencies.clocks,
      deletes: this.#deletes,
      deletesStart: this.#deletesStart,
      isEmpty: this.#structs === 0 && this.#deletes.length === 0,
    }
  }

  #begin(): OpenRange {
    const reader = this.#reader
    const start = reader.offset
    const structs = reader.varUint()
    const client = reader.varUint()
    // Y.mergeUpdates drops structs of updates that are ordered any other way, without a word.
    if (client >= this.#lastClient) reader.fail('clients are not in descending order', start)
    this.#lastClient = client
    this.#sections--
    const from = reader.varUint()
    if (structs * 2 > reader.bytes.length - reader.offset) {
      reader.fail(`count of ${structs} structs is more than the bytes hold`)
    }
    this.#left = structs
    const { offset } = reader
    const place = { start: offset, end: offset, marks: NO_MARKS }
    return { client, from, to: from, gapStart: -1, gapEnd: 0, structs, ...place }
  }

  #readStructs(range: OpenRange, until: number): void {
    const reader = this.#reader
    const { client } = range
    let { to } = range
    let left = this.#left
    let nextMark = Math.max(range.start, range.marks.at(-2) ?? 0) + this.#markEveryBytes
    while (left > 0 && reader.offset < until) {
      const start = reader.offset
      if (start >= nextMark && range.gapStart < 0) {
        if (range.marks === NO_MARKS) range.marks = []
        ;(range.marks as number[]).push(to, start, range.structs - left)
        nextMark = start + this.#markEveryBytes
      }
      const isGap = reader.bytes[start] === SKIP
      const next = to + skipStruct(reader, client, to, this.#dependencies)
      if (isGap) {
        if (range.gapStart < 0) range.gapStart = to
        range.gapEnd = next
      }
      to = next
      left--
    }
    range.to = to
    this.#left = left
  }

  #finish(range: OpenRange): void {
    range.end = this.#reader.offset
    if (range.gapStart < 0) range.gapStart = range.to
    if (range.gapEnd > 0) this.#hasGaps = true
    if (range.structs > 0) this.#ranges.push(range)
    this.#structs += range.structs
  }
}

function readDeleteSet(reader: ByteReader, maxDeletes: number): readonly ClientDeletes[] {
  const sections = reader.count(2)
  if (sections === 0) return NO_DELETES
  const deletes: ClientDeletes[] = []
  let left = maxDeletes
  // Unlike structs these come in any order: only later versions of Yjs sort them.
  const seen = sections > 1 ? new Set<number>() : undefined
  for (let i = 0; i < sections; i++) {
    const start = reader.offset
    const client = reader.varUint()
    if (seen?.has(client)) reader.fail('client twice in the delete set', start)
    seen?.add(client)
    const count = reader.count(2)
    // A client without ranges counts too: it costs its entry.
    left -= Math.max(1, count)
    if (left < 0) reader.fail(`more than ${maxDeletes} deleted ranges`, start)
    const bounds = readDeletedRanges(reader, count)
    if (count > 0) deletes.push({ client, bounds })
  }
  return deletes
}

function readDeletedRanges(reader: ByteReader, count: number): number[] {
  const bounds: number[] = []
  let end = 0
  for (let i = 0; i < count; i++) {
    const start = reader.offset
    const clock = reader.varUint()
    const length = reader.varUint()
    // Yjs keeps what it cannot delete yet as differences, and can write neither a negative one nor
    // a length of 0.
    if (clock < end) reader.fail('deleted ranges overlap or are out of order', start)
    if (length === 0) reader.fail('deleted range of length 0', start)
    end = clock + length
    if (end > MAX_CLOCK) reader.fail(`clock above ${MAX_CLOCK}`, start)
    bounds.push(clock, end)
  }
  return bounds
}
