import { ByteReader } from './byte-reader.ts'
import { DeletedRanges } from './deleted-ranges.ts'
import { Dependencies } from './dependencies.ts'
import { DepthPass } from './depth-pass.ts'
import { HeadCount } from './head-count.ts'
import type { InspectOptions } from './inspect-options.ts'
import {
  MAX_CLOCK,
  MAX_TYPE_DEPTH,
  MAX_UPDATE_CLIENTS,
  MAX_UPDATE_COPIES,
  MAX_UPDATE_DELETE_CLIENTS,
  MAX_UPDATE_DELETES,
  MAX_UPDATE_PARTS,
  MAX_UPDATE_PASSES,
} from './limits.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'
import { PartCount } from './part-count.ts'
import { SKIP, skipStruct } from './struct.ts'
import { StructLinks } from './struct-links.ts'
import type { ClientDeletes, ClockRange, UpdateSummary } from './update-summary.ts'
import { type UpdateBound, UpdateTooComplexError } from './update-too-complex-error.ts'

/** Shared by the many updates that delete nothing. */
const NO_DELETES: readonly ClientDeletes[] = Object.freeze([])
const NO_MARKS: readonly number[] = Object.freeze([])

/** Following a reference of an item takes about as long as reading so many bytes of structs. */
const BYTES_PER_REFERENCE = 16

/** Holds the references of one struct at a time, for whichever inspection reads it. */
const LINKS = new StructLinks()

type OpenRange = { -readonly [Key in keyof ClockRange]: ClockRange[Key] }

/**
 * The inspection of one update in several steps: see {@link inspectUpdate} for what it checks.
 *
 * @example
 * ```ts
 * const inspection = new UpdateInspection(Y.encodeStateAsUpdate(doc))
 * while (!inspection.advance(256 * 1024)) await new Promise((resolve) => setTimeout(resolve))
 * show(inspection.summary.ranges)
 * ```
 */
export class UpdateInspection {
  readonly #reader: ByteReader
  readonly #maxParts: number
  readonly #maxCopies: number
  readonly #maxPasses: number
  readonly #maxDepth: number
  readonly #maxDeletes: number
  readonly #maxDeleteClients: number
  readonly #markEveryBytes: number
  readonly #ranges: ClockRange[] = []
  readonly #dependencies = new Dependencies()
  readonly #parts = new PartCount()
  readonly #depths: DepthPass
  #deletes: readonly ClientDeletes[] = NO_DELETES
  #deletesStart = 0
  #sections: number
  #lastClient = Number.POSITIVE_INFINITY
  #structs = 0
  #copies = 0
  #hasGaps = false
  /** The current range, and how many of its structs are left. */
  #range: OpenRange | undefined
  #left = 0

  /**
   * @throws {MalformedUpdateError}
   * @throws {UpdateTooComplexError}
   */
  constructor(update: Uint8Array, options?: InspectOptions) {
    this.#reader = new ByteReader(update, MalformedUpdateError)
    this.#depths = new DepthPass(this.#ranges, options?.document)
    this.#maxParts = options?.maxParts ?? MAX_UPDATE_PARTS
    this.#maxCopies = options?.maxCopies ?? MAX_UPDATE_COPIES
    this.#maxPasses = options?.maxPasses ?? MAX_UPDATE_PASSES
    this.#maxDepth = options?.maxDepth ?? MAX_TYPE_DEPTH
    this.#maxDeletes = options?.maxDeletes ?? MAX_UPDATE_DELETES
    this.#maxDeleteClients = options?.maxDeleteClients ?? MAX_UPDATE_DELETE_CLIENTS
    this.#markEveryBytes = options?.markEveryBytes ?? Number.POSITIVE_INFINITY
    this.#sections = this.#reader.count(3)
    const maxClients = options?.maxClients ?? MAX_UPDATE_CLIENTS
    check('clients', this.#sections, maxClients)
  }

  /**
   * Continues for about this many bytes of structs; deletes are read in one step.
   *
   * @returns whether the inspection is complete
   * @throws {MalformedUpdateError}
   * @throws {UpdateTooComplexError}
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
    if (!this.#depths.finish(bytes / BYTES_PER_REFERENCE)) return false
    check('depth', this.#depths.deepest, this.#maxDepth)
    check('passes', this.#passes, this.#maxPasses)
    this.#deletesStart = reader.offset
    this.#deletes = readDeleteSet(reader, this.#maxDeletes, this.#maxDeleteClients)
    reader.end()
    this.#copies = this.#parts.copies
    if (this.#copies > 0 && this.#maxCopies < Number.POSITIVE_INFINITY) {
      if (this.#deletes.length > 0) this.#copies = this.#copiesOfPresent()
      check('copies', this.#copies, this.#maxCopies)
    }
    return true
  }

  /** The result so far; complete once {@link advance} has returned true. */
  get summary(): UpdateSummary {
    return {
      ranges: this.#ranges,
      structs: this.#structs,
      parts: this.#partCount,
      copies: this.#copies,
      deepest: this.#depths.deepest,
      hasGaps: this.#hasGaps,
      dependencies: this.#dependencies.clocks,
      deletes: this.#deletes,
      deletesStart: this.#deletesStart,
      isEmpty: this.#structs === 0 && this.#deletes.length === 0,
    }
  }

  /**
   * The values that Yjs copies, without those of deleted structs, which it drops first: a key of a map that
   * is set again and again looks like a list that grows.
   */
  #copiesOfPresent(): number {
    const { bytes } = this.#reader
    const deleted = new DeletedRanges()
    deleted.add(this.#deletes)
    const parts = new PartCount()
    for (const { client, from, to, start } of this.#ranges) {
      const reader = new ByteReader(bytes, MalformedUpdateError)
      reader.offset = start
      parts.begin()
      for (let clock = from; clock < to; ) {
        const next = clock + skipStruct(reader, client, clock, LINKS)
        if (deleted.covers([{ client, bounds: [clock, next] }])) parts.breakRow()
        else parts.add(client, clock, next - clock, LINKS)
        clock = next
      }
    }
    return parts.copies
  }

  /** How many items Yjs goes past to place others; 0 where they are too few to exceed the bound. */
  get #passes(): number {
    const heads = this.#ranges.reduce((sum, range) => sum + range.heads.length, 0)
    if (heads * (heads + this.#structs) <= this.#maxPasses) return 0
    const count = new HeadCount()
    for (const range of this.#ranges) count.add(range)
    return count.passes
  }

  get #partCount(): number {
    return this.#parts.count + this.#reader.containers
  }

  #begin(): OpenRange {
    const reader = this.#reader
    const start = reader.offset
    const structs = reader.varUint()
    const client = reader.varUint()
    // Y.mergeUpdates silently drops structs of updates in any other order.
    if (client >= this.#lastClient) reader.fail('clients are not in descending order', start)
    this.#lastClient = client
    this.#sections--
    const from = reader.varUint()
    if (structs * 2 > reader.bytes.length - reader.offset) {
      reader.fail(`count of ${structs} structs is more than the bytes hold`)
    }
    this.#left = structs
    this.#depths.begin(client, from)
    this.#parts.begin()
    const { offset } = reader
    const place = {
      start: offset,
      end: offset,
      marks: NO_MARKS,
      depths: NO_MARKS,
      heads: NO_MARKS,
      parts: this.#partCount,
      leadStructs: 0,
      leadValues: 0,
      endRow: 0,
    }
    return { client, from, to: from, gapStart: -1, gapEnd: 0, structs, ...place }
  }

  #readStructs(range: OpenRange, until: number): void {
    const reader = this.#reader
    const links = LINKS
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
      const next = to + skipStruct(reader, client, to, links)
      const isLarge = reader.offset - start >= this.#markEveryBytes
      if (isLarge && range.gapStart < 0 && range.marks.at(-2) !== start) {
        if (range.marks === NO_MARKS) range.marks = []
        ;(range.marks as number[]).push(to, start, range.structs - left)
      }
      this.#dependencies.add(client, links)
      this.#depths.place(to, links)
      if (links.head !== 0) {
        if (range.heads === NO_MARKS) range.heads = []
        ;(range.heads as number[]).push(links.head)
      }
      this.#parts.add(client, to, next - to, links)
      if (isGap) {
        if (range.gapStart < 0) range.gapStart = to
        range.gapEnd = next
      }
      to = next
      left--
    }
    range.to = to
    this.#left = left
    check('parts', this.#partCount, this.#maxParts)
  }

  #finish(range: OpenRange): void {
    range.end = this.#reader.offset
    range.depths = this.#depths.depths
    range.parts = this.#partCount - range.parts
    range.leadStructs = this.#parts.leadStructs
    range.leadValues = this.#parts.leadValues
    range.endRow = this.#parts.endRow
    if (range.gapStart < 0) range.gapStart = range.to
    if (range.gapEnd > 0) this.#hasGaps = true
    if (range.structs > 0) this.#ranges.push(range)
    this.#structs += range.structs
  }
}

function check(bound: UpdateBound, count: number, limit: number): void {
  if (count > limit) throw new UpdateTooComplexError(bound, limit)
}

function readDeleteSet(
  reader: ByteReader,
  maxDeletes: number,
  maxClients: number,
): readonly ClientDeletes[] {
  const sections = reader.count(2)
  if (sections === 0) return NO_DELETES
  check('delete clients', sections, maxClients)
  const deletes: ClientDeletes[] = []
  let left = maxDeletes
  // Unlike structs these are in any order: only later versions of Yjs sort them.
  const seen = sections > 1 ? new Set<number>() : undefined
  for (let i = 0; i < sections; i++) {
    const start = reader.offset
    const client = reader.varUint()
    if (seen?.has(client)) reader.fail('client twice in the delete set', start)
    seen?.add(client)
    const count = reader.count(2)
    // A client without ranges counts too: it takes an entry.
    left -= Math.max(1, count)
    if (left < 0) reader.fail(`more than ${maxDeletes} deleted ranges`, start)
    const bounds = readDeletedRanges(reader, count)
    if (count > 0) deletes.push({ client, bounds })
  }
  return deletes
}

function readDeletedRanges(reader: ByteReader, count: number): number[] {
  // The bytes have been found to hold as many.
  const bounds = new Array<number>(2 * count)
  let end = 0
  for (let i = 0; i < count; i++) {
    const start = reader.offset
    const clock = reader.varUint()
    const length = reader.varUint()
    // Yjs stores pending deletes as differences, and can encode neither a negative one nor a length
    // of 0.
    if (clock < end) reader.fail('deleted ranges overlap or are out of order', start)
    if (length === 0) reader.fail('deleted range of length 0', start)
    end = clock + length
    if (end > MAX_CLOCK) reader.fail(`clock above ${MAX_CLOCK}`, start)
    bounds[2 * i] = clock
    bounds[2 * i + 1] = end
  }
  return bounds
}
