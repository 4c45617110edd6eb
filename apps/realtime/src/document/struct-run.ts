import {
  type ClockRange,
  encodeStateVector,
  locateStruct,
  varUintLength,
  writeVarUint,
} from '@mindfuse/protocol'
import * as decoding from 'lib0/decoding'
import { diffUpdate } from 'yjs'

/** The empty delete set. */
export const NO_DELETES = Uint8Array.of(0)

/** Contiguous structs of one client, without a gap, somewhere in `bytes`. */
export interface StructRun
  extends Pick<ClockRange, 'client' | 'from' | 'to' | 'structs' | 'start' | 'end' | 'marks'> {
  readonly bytes: Uint8Array
}

/** One client's part of an update: structs from a clock on, in pieces. */
export interface Section {
  readonly client: number
  readonly clock: number
  readonly structs: number
  readonly pieces: readonly Uint8Array[]
}

/** The order of sections in an update: by client, highest first. */
export function byClient(a: Section, b: Section): number {
  return b.client - a.client
}

/** The structs of an update's range, up to its first gap. */
export function runOf(update: Uint8Array, range: ClockRange): StructRun {
  // Its depths and places are recorded elsewhere.
  const { client, from, to, structs, start, end, marks, gapStart } = range
  const run = { client, from, to, structs, start, end, marks, bytes: update }
  if (range.gapEnd === 0) return run
  const gap = locateStruct(update, client, gapStart, { clock: from, offset: start })
  return { ...run, to: gapStart, structs: gap.index, end: gap.start }
}

/**
 * The structs of a client's consecutive runs from a clock on. Copies nothing but a struct that the
 * clock cuts in two.
 */
export function sectionFrom(runs: readonly StructRun[], clock: number): Section | undefined {
  let section: (Section & { structs: number; pieces: Uint8Array[] }) | undefined
  for (const run of runs) {
    if (run.to <= clock || run.from === run.to) continue
    section ??= { client: run.client, clock: Math.max(clock, run.from), structs: 0, pieces: [] }
    section.structs += addRun(section.pieces, run, clock)
  }
  return section
}

/** Adds a run's structs from a clock on. @returns how many there are */
function addRun(pieces: Uint8Array[], run: StructRun, clock: number): number {
  const { bytes, client, start, end, structs } = run
  if (clock <= run.from) {
    pieces.push(bytes.subarray(start, end))
    return structs
  }
  const mark = markBefore(run, clock)
  const place = locateStruct(bytes, client, clock, mark)
  if (place.clock === clock) {
    pieces.push(bytes.subarray(place.start, end))
  } else {
    const cut = cutStruct(bytes.subarray(place.start, place.end), client, place.clock, clock)
    pieces.push(cut, bytes.subarray(place.end, end))
  }
  return structs - mark.before - place.index
}

/** What structs take. */
export interface Extent {
  bytes: number
  structs: number
}

/**
 * About what the structs of a run take between two clocks. A large struct has a mark at either end; what
 * lies between two marks counts evenly for the clocks there.
 */
export function extentOf(run: StructRun, from: number, to: number): Extent {
  const start = roughPlaceOf(run, from)
  const end = roughPlaceOf(run, to)
  return { bytes: end.offset - start.offset, structs: end.before - start.before }
}

function roughPlaceOf(run: StructRun, clock: number): Place {
  const count = countMarksUpTo(run, clock)
  const from = placeOf(run, count)
  const to = placeOf(run, count + 1)
  const share =
    to.clock > from.clock ? Math.min(1, (clock - from.clock) / (to.clock - from.clock)) : 1
  return {
    clock,
    offset: from.offset + Math.max(0, share) * (to.offset - from.offset),
    before: from.before + Math.max(0, share) * (to.before - from.before),
  }
}

/** A struct of a run, and how many there are before it. */
interface Place {
  clock: number
  offset: number
  before: number
}

/** The last mark at or before a clock, or the beginning of the run. */
function markBefore(run: StructRun, clock: number): Place {
  return placeOf(run, countMarksUpTo(run, clock))
}

function countMarksUpTo({ marks }: StructRun, clock: number): number {
  let low = 0
  let high = marks.length / 3
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((marks[3 * middle] as number) <= clock) low = middle + 1
    else high = middle
  }
  return low
}

/** The beginning of a run, a mark by its number, counted from 1, or the end. */
function placeOf({ from, to, start, end, structs, marks }: StructRun, number: number): Place {
  if (number === 0) return { clock: from, offset: start, before: 0 }
  const at = 3 * (number - 1)
  if (at >= marks.length) return { clock: to, offset: end, before: structs }
  return {
    clock: marks[at] as number,
    offset: marks[at + 1] as number,
    before: marks[at + 2] as number,
  }
}

/** The rest of a struct from a clock inside it on, as Yjs cuts it. */
function cutStruct(struct: Uint8Array, client: number, from: number, at: number): Uint8Array {
  const section = { client, clock: from, structs: 1, pieces: [struct] }
  const known = encodeStateVector(new Map([[client, at]]))
  const rest = diffUpdate(writeUpdate([section], NO_DELETES), known)
  const decoder = decoding.createDecoder(rest)
  for (let head = 0; head < 4; head++) decoding.readVarUint(decoder)
  // The last byte is the empty delete set.
  return rest.subarray(decoder.pos, rest.length - 1)
}

/** Writes an update: `sections` by client, highest first, and a delete set. */
export function writeUpdate(sections: readonly Section[], deleteSet: Uint8Array): Uint8Array {
  // Allocated at its full size: an encoder that grows would copy a large update several times.
  let length = varUintLength(sections.length) + deleteSet.length
  for (const { client, clock, structs, pieces } of sections) {
    length += varUintLength(structs) + varUintLength(client) + varUintLength(clock)
    for (const piece of pieces) length += piece.length
  }
  const update = new Uint8Array(length)
  let offset = writeVarUint(update, 0, sections.length)
  for (const { client, clock, structs, pieces } of sections) {
    for (const value of [structs, client, clock]) offset = writeVarUint(update, offset, value)
    for (const piece of pieces) {
      update.set(piece, offset)
      offset += piece.length
    }
  }
  update.set(deleteSet, offset)
  return update
}
