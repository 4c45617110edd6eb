import { MalformedFrameError, MESSAGE_AWARENESS } from './frames.ts'
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_ENTRIES } from './limits.ts'
import { varUintLength, writeVarUint } from './var-uint.ts'
import { ByteReader } from './yjs/byte-reader.ts'
import { skipJson } from './yjs/skip-json.ts'

/** Bytes that the number of entries takes at most. */
const COUNT_BYTES = 1

/** An entry has a clientID, a clock, and the length of its state at least. */
const MIN_ENTRY_BYTES = 3

/** The state of a client that is gone. */
export const AWARENESS_GONE = 'null'

const encoder = new TextEncoder()

/** One client's state in an awareness update. */
export interface AwarenessEntry {
  /** The Yjs clientID that the sender chose. */
  readonly clientId: number
  /** Rises with each change; an entry counts only above the clock last seen. */
  readonly clock: number
  /** Whether it says that the client is gone. */
  readonly isGone: boolean
  /** The entry as updates hold it: clientID, clock, and the state as JSON. */
  readonly bytes: Uint8Array
}

class MalformedAwarenessError extends MalformedFrameError {
  constructor(problem: string, offset: number) {
    super(`malformed awareness: ${problem} at byte ${offset}`)
  }
}

/**
 * Reads an awareness update. States are checked, and not parsed; entries are views of the update.
 *
 * @throws MalformedFrameError where it is none, names more than {@link MAX_AWARENESS_ENTRIES}
 * clients or holds what would throw in every client that hears it: a state that is not JSON or nests
 * too deep, or a number that lib0 reads rounded and then writes as one that it refuses to read.
 */
export function decodeAwarenessUpdate(update: Uint8Array): AwarenessEntry[] {
  const reader = new ByteReader(update, MalformedAwarenessError)
  const count = reader.count(MIN_ENTRY_BYTES)
  if (count > MAX_AWARENESS_ENTRIES) reader.fail('too many clients', 0)
  const entries: AwarenessEntry[] = []
  for (let i = 0; i < count; i++) {
    const start = reader.offset
    const clientId = reader.varUint()
    const clock = reader.varUint()
    // One above the clock is what says, when the client's connection ends, that it is gone.
    if (clock === Number.MAX_SAFE_INTEGER) reader.fail('clock out of range', start)
    const isGone = skipJson(reader)
    entries.push({ clientId, clock, isGone, bytes: update.subarray(start, reader.offset) })
  }
  reader.end()
  return entries
}

/** Makes an entry of a client's state, JSON text or {@link AWARENESS_GONE}. */
export function encodeAwarenessEntry(of: {
  clientId: number
  clock: number
  state: string
}): AwarenessEntry {
  const { clientId, clock } = of
  const state = encoder.encode(of.state)
  const head = [clientId, clock, state.length]
  const headLength = head.reduce((length, value) => length + varUintLength(value), 0)
  const bytes = new Uint8Array(headLength + state.length)
  bytes.set(
    state,
    head.reduce((at, value) => writeVarUint(bytes, at, value), 0),
  )
  return { clientId, clock, isGone: of.state === AWARENESS_GONE, bytes }
}

/** Writes an awareness update, the payload of an awareness frame. */
export function encodeAwarenessUpdate(entries: readonly AwarenessEntry[]): Uint8Array {
  const update = new Uint8Array(updateLength(entries))
  writeUpdate(update, 0, entries)
  return update
}

/**
 * Writes awareness frames: as many as it takes for the update in each to be one that a gateway
 * accepts, since the stock provider sends back what it hears as it came.
 */
export function encodeAwarenessFrames(entries: readonly AwarenessEntry[]): Uint8Array[] {
  const frames: Uint8Array[] = []
  let first = 0
  let length = COUNT_BYTES
  for (const [i, { bytes }] of entries.entries()) {
    const isFull =
      i - first === MAX_AWARENESS_ENTRIES || length + bytes.length > MAX_AWARENESS_BYTES
    if (isFull && i > first) {
      frames.push(encodeFrame(entries.slice(first, i)))
      first = i
      length = COUNT_BYTES
    }
    length += bytes.length
  }
  if (first < entries.length) frames.push(encodeFrame(first > 0 ? entries.slice(first) : entries))
  return frames
}

/** As `encodeAwareness` writes the update, without writing that by itself first. */
function encodeFrame(entries: readonly AwarenessEntry[]): Uint8Array {
  const length = updateLength(entries)
  const headLength = 1 + varUintLength(length)
  const frame = new Uint8Array(headLength + length)
  frame[0] = MESSAGE_AWARENESS
  writeVarUint(frame, 1, length)
  writeUpdate(frame, headLength, entries)
  return frame
}

function updateLength(entries: readonly AwarenessEntry[]): number {
  let length = varUintLength(entries.length)
  for (const { bytes } of entries) length += bytes.length
  return length
}

function writeUpdate(target: Uint8Array, from: number, entries: readonly AwarenessEntry[]): void {
  let at = writeVarUint(target, from, entries.length)
  for (const { bytes } of entries) {
    target.set(bytes, at)
    at += bytes.length
  }
}
