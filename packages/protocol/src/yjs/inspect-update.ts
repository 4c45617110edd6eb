import { ByteReader } from './byte-reader.ts'
import { MAX_CLOCK, MAX_UPDATE_CLIENTS } from './limits.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'
import { skipContent } from './skip-content.ts'

const GC = 0
const SKIP = 10
const CONTENT_BITS = 0b0001_1111
const HAS_PARENT_SUB = 0b0010_0000
const HAS_RIGHT_ORIGIN = 0b0100_0000
const HAS_ORIGIN = 0b1000_0000

/** Most updates delete nothing: they share this. */
const NO_DELETES: readonly ClientDeletes[] = Object.freeze([])

/** What an update holds of one client. */
export interface ClockRange {
  /** Yjs client id, at most 2^53 - 1. */
  readonly client: number
  /** The first clock. */
  readonly from: number
  /** The clock after the last. */
  readonly to: number
  /** The clock after the last gap inside the range; 0 where it has no gap. */
  readonly gapEnd: number
}

/** What an update deletes of one client. */
export interface ClientDeletes {
  /** Yjs client id, at most 2^53 - 1. */
  readonly client: number
  /** Of each deleted range the first clock and the clock after the last, in ascending order. */
  readonly bounds: readonly number[]
}

/** What an update says it changes, found without reading what it holds. */
export interface UpdateSummary {
  /** One entry for each client with structs, by client id from high to low. */
  readonly ranges: readonly ClockRange[]
  /** How many structs there are, gaps included. */
  readonly structs: number
  /** Whether some range has gaps (Skip structs), as `Y.mergeUpdates` leaves them. */
  readonly hasGaps: boolean
  /** One entry for each client with deletes, in any order. */
  readonly deletes: readonly ClientDeletes[]
  /** Neither structs nor deletes: nothing to relay or store. */
  readonly isEmpty: boolean
}

/** What `inspectUpdate` lets pass. */
export interface InspectOptions {
  /**
   * How many clients may have structs, by default `MAX_UPDATE_CLIENTS`. Boards that have lived long hold
   * more: for stored documents, which were checked when they came in, pass `Infinity`.
   */
  readonly maxClients?: number
}

/**
 * Checks that bytes are a Yjs update in v1 encoding which Yjs can load, merge and encode again, and
 * tells which clocks it covers. One pass, time linear in the bytes, and no memory but for the
 * result: contents are checked where they lie.
 *
 * It knows nothing of the document that the update is for. Whether the update leaves a hole there
 * is for `advance` to say.
 *
 * @throws {MalformedUpdateError} the bytes must not be relayed or stored
 * @see https://github.com/yjs/yjs/blob/main/src/utils/updates.js lazyStructReaderGenerator
 * @example
 * const { ranges } = inspectUpdate(Y.encodeStateAsUpdate(doc))
 */
export function inspectUpdate(update: Uint8Array, options?: InspectOptions): UpdateSummary {
  const reader = new ByteReader(update, MalformedUpdateError)
  const ranges: ClockRange[] = []
  let structs = 0
  let hasGaps = false
  let lastClient = Number.POSITIVE_INFINITY

  const sections = reader.count(3)
  const maxClients = options?.maxClients ?? MAX_UPDATE_CLIENTS
  if (sections > maxClients) reader.fail(`structs of more than ${maxClients} clients`, 0)
  for (let i = 0; i < sections; i++) {
    const start = reader.offset
    const count = reader.varUint()
    const client = reader.varUint()
    // Y.mergeUpdates drops structs of updates that are ordered any other way, without a word.
    if (client >= lastClient) reader.fail('clients are not in descending order', start)
    lastClient = client
    const range = readRange(reader, count, client)
    if (count > 0) ranges.push(range)
    if (range.gapEnd > 0) hasGaps = true
    structs += count
  }
  const deletes = readDeleteSet(reader)
  reader.end()
  return { ranges, structs, hasGaps, deletes, isEmpty: structs === 0 && deletes.length === 0 }
}

function readRange(reader: ByteReader, count: number, client: number): ClockRange {
  const from = reader.varUint()
  if (count * 2 > reader.bytes.length - reader.offset) {
    reader.fail(`count of ${count} structs is more than the bytes hold`)
  }
  let clock = from
  let gapEnd = 0
  for (let i = 0; i < count; i++) {
    const start = reader.offset
    const info = reader.byte()
    const kind = info & CONTENT_BITS
    let length: number
    if (kind === GC || kind === SKIP) {
      // Yjs itself disagrees on what these are when they have flags.
      if (info !== kind) reader.fail(`unknown struct ${info}`, start)
      length = reader.varUint()
    } else {
      skipLinks(reader, info, client, clock)
      length = skipContent(reader, kind)
    }
    // Searching a list of structs goes astray on one that covers no clock.
    if (length === 0) reader.fail('struct of length 0', start)
    clock += length
    if (clock > MAX_CLOCK) reader.fail(`clock above ${MAX_CLOCK}`, start)
    if (kind === SKIP) gapEnd = clock
  }
  return { client, from, to: clock, gapEnd }
}

/** Passes over what an item hangs on: its neighbours, or where those are missing its parent. */
function skipLinks(reader: ByteReader, info: number, client: number, clock: number): void {
  if ((info & HAS_ORIGIN) !== 0) skipId(reader, client, clock)
  if ((info & HAS_RIGHT_ORIGIN) !== 0) skipId(reader, client, clock)
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) !== 0) return
  const start = reader.offset
  const isRoot = reader.varUint()
  if (isRoot === 1) reader.skipVarString()
  else if (isRoot === 0) skipId(reader, client, clock)
  else reader.fail(`unknown kind of parent ${isRoot}`, start)
  if ((info & HAS_PARENT_SUB) !== 0) reader.skipVarString()
}

/** Passes over the id of an item that the item `client`, `clock` refers to. */
function skipId(reader: ByteReader, client: number, clock: number): void {
  const start = reader.offset
  const toClient = reader.varUint()
  const toClock = reader.varUint()
  // Yjs waits for what other clients have yet to send, but takes for granted that a client refers
  // only to what it made before.
  if (toClock >= (toClient === client ? clock : MAX_CLOCK)) {
    reader.fail('reference to something that cannot exist yet', start)
  }
}

function readDeleteSet(reader: ByteReader): readonly ClientDeletes[] {
  const sections = reader.count(2)
  if (sections === 0) return NO_DELETES
  const deletes: ClientDeletes[] = []
  // Unlike structs these come in any order: only later versions of Yjs sort them.
  const seen = sections > 1 ? new Set<number>() : undefined
  for (let i = 0; i < sections; i++) {
    const start = reader.offset
    const client = reader.varUint()
    if (seen?.has(client)) reader.fail('client twice in the delete set', start)
    seen?.add(client)
    const bounds = readDeletedRanges(reader)
    if (bounds.length > 0) deletes.push({ client, bounds })
  }
  return deletes
}

function readDeletedRanges(reader: ByteReader): number[] {
  const bounds: number[] = []
  const count = reader.count(2)
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
