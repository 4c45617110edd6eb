import { ByteReader } from './byte-reader.ts'
import { finishHash, hashClient, hashWith } from './hash.ts'
import { MAX_CLOCK } from './limits.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'
import { skipContent } from './skip-content.ts'
import { StructLinks } from './struct-links.ts'

/** The kinds of structs without content: collected ones, and gaps. */
export const GC = 0
export const SKIP = 10
const CONTENT_BITS = 0b0001_1111
const HAS_PARENT_SUB = 0b0010_0000
const HAS_RIGHT_ORIGIN = 0b0100_0000
const HAS_ORIGIN = 0b1000_0000

/**
 * Skips the struct that begins at `clock` of `client`.
 *
 * @param links receives its references
 * @returns how many clocks it covers
 */
export function skipStruct(
  reader: ByteReader,
  client: number,
  clock: number,
  links: StructLinks,
): number {
  const start = reader.offset
  const info = reader.byte()
  const kind = info & CONTENT_BITS
  links.reset(kind)
  let length: number
  if (kind === GC || kind === SKIP) {
    // Yjs is inconsistent about these when they have flags.
    if (info !== kind) reader.fail(`unknown struct ${info}`, start)
    length = reader.varUint()
  } else {
    skipLinks(reader, info, client, clock, links)
    length = skipContent(reader, kind)
  }
  // A struct that covers no clock breaks the binary search of Yjs.
  if (length === 0) reader.fail('struct of length 0', start)
  if (clock + length > MAX_CLOCK) reader.fail(`clock above ${MAX_CLOCK}`, start)
  return length
}

/** The position of a struct. */
export interface StructPlace {
  /** Its first clock. */
  readonly clock: number
  readonly start: number
  readonly end: number
  /** Number of structs between the start of the search and it. */
  readonly index: number
}

/**
 * Finds the struct that covers `clock` in inspected structs, starting at the one that begins at
 * `from.offset` with `from.clock`.
 *
 * @throws {MalformedUpdateError} if there is none
 */
export function locateStruct(
  structs: Uint8Array,
  client: number,
  clock: number,
  from: { clock: number; offset: number },
): StructPlace {
  const reader = new ByteReader(structs, MalformedUpdateError)
  reader.offset = from.offset
  const links = new StructLinks()
  let at = from.clock
  for (let index = 0; ; index++) {
    const start = reader.offset
    const next = at + skipStruct(reader, client, at, links)
    if (next > clock) return { clock: at, start, end: reader.offset, index }
    at = next
  }
}

/** Skips the references of an item: its neighbours, or without those its parent. */
function skipLinks(
  reader: ByteReader,
  info: number,
  client: number,
  clock: number,
  links: StructLinks,
): void {
  if ((info & HAS_ORIGIN) !== 0) {
    const start = reader.offset
    links.originClient = reader.varUint()
    links.originClock = reader.varUint()
    checkReference(
      reader,
      start,
      links.originClock,
      links.originClient === client ? clock : MAX_CLOCK,
    )
  }
  if ((info & HAS_RIGHT_ORIGIN) !== 0) {
    const start = reader.offset
    links.rightClient = reader.varUint()
    links.rightClock = reader.varUint()
    checkReference(
      reader,
      start,
      links.rightClock,
      links.rightClient === client ? clock : MAX_CLOCK,
    )
  }
  if ((info & HAS_ORIGIN) !== 0) return
  if ((info & HAS_RIGHT_ORIGIN) !== 0) {
    const isOwnLast = links.rightClient === client && links.rightClock === clock - 1
    if (!isOwnLast) links.head = finishHash(hashId(1, links.rightClient, links.rightClock))
    return
  }
  const start = reader.offset
  const isRoot = reader.varUint()
  let hash: number
  if (isRoot === 1) hash = hashString(reader, 2)
  else if (isRoot === 0) {
    const at = reader.offset
    links.parentClient = reader.varUint()
    links.parentClock = reader.varUint()
    checkReference(reader, at, links.parentClock, links.parentClient === client ? clock : MAX_CLOCK)
    hash = hashId(3, links.parentClient, links.parentClock)
  } else reader.fail(`unknown kind of parent ${isRoot}`, start)
  if ((info & HAS_PARENT_SUB) !== 0) hash = hashString(reader, hash + 1)
  links.head = finishHash(hash)
}

/** Skips a string, and continues a hash with it. */
function hashString(reader: ByteReader, seed: number): number {
  const length = reader.varUint()
  const start = reader.offset
  reader.skipString(length)
  const { bytes } = reader
  let hash = seed
  for (let i = start; i < start + length; i++) {
    hash = hashWith(hash, bytes[i] as number)
  }
  return hash
}

const hashId = (seed: number, client: number, clock: number) =>
  hashWith(hashClient(seed, client), clock)

/**
 * Yjs waits for structs that other clients have yet to send, but assumes that a client refers only to
 * its own earlier structs.
 */
function checkReference(reader: ByteReader, start: number, toClock: number, before: number): void {
  if (toClock >= before) reader.fail('reference to something that cannot exist yet', start)
}
