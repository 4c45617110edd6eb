import { MalformedFrameError, MESSAGE_AWARENESS } from './frames.ts'
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_ENTRIES } from './limits.ts'
import { varUintLength, writeVarUint } from './var-uint.ts'
import { ByteReader } from './yjs/byte-reader.ts'
import { skipJson } from './yjs/skip-json.ts'

/** The first byte of `null`, and of no other JSON. */
const N = 0x6e

/** Most bytes of the number of entries. */
const COUNT_BYTES = 1

/** An entry has at least a clientID, a clock, and the length of its state. */
const MIN_ENTRY_BYTES = 3

/** The state of a client that has left. */
export const AWARENESS_GONE = 'null'

const encoder = new TextEncoder()

/** One client's state in an awareness update. */
export interface AwarenessEntry {
  /** The Yjs clientID that the sender chose. */
  readonly clientId: number
  /** Increases with each change; an entry counts only above the last known clock. */
  readonly clock: number
  /** Whether the client has left. */
  readonly isGone: boolean
  /** The encoded entry: clientID, clock, and the state as JSON. */
  readonly bytes: Uint8Array
}

class MalformedAwarenessError extends MalformedFrameError {
  constructor(problem: string, offset: number) {
    super(`malformed awareness: ${problem} at byte ${offset}`)
  }
}

/**
 * Decodes an awareness update. States are checked but not parsed; entries are views of the update.
 *
 * @throws MalformedFrameError if the update is malformed, names more than
 * {@link MAX_AWARENESS_ENTRIES} clients, or contains what would throw in every client that receives it:
 * a state that is not JSON or nests too deep, or a number that lib0 rounds and then refuses to read
 *
 * @example
 * ```ts
 * const state = JSON.stringify({ cursor: { x: 10, y: 20 } })
 * const update = encodeAwarenessUpdate([encodeAwarenessEntry({ clientId: 7, clock: 1, state })])
 * for (const { clientId, isGone } of decodeAwarenessUpdate(update)) show([clientId, isGone])
 * ```
 */
export function decodeAwarenessUpdate(update: Uint8Array): AwarenessEntry[] {
  const entries = readAwarenessUpdate(update)
  for (const entry of entries) checkAwarenessEntry(entry)
  return entries
}

/**
 * Like {@link decodeAwarenessUpdate}, but leaves the states unchecked: most of what a gateway receives
 * repeats what it sent, and is dropped unread.
 */
export function readAwarenessUpdate(update: Uint8Array): AwarenessEntry[] {
  const reader = new ByteReader(update, MalformedAwarenessError)
  const count = reader.count(MIN_ENTRY_BYTES)
  if (count > MAX_AWARENESS_ENTRIES) reader.fail('too many clients', 0)
  const entries: AwarenessEntry[] = []
  for (let i = 0; i < count; i++) {
    const start = reader.offset
    const clientId = reader.varUint()
    const clock = reader.varUint()
    // When the client's connection ends, its removal has the next clock.
    if (clock === Number.MAX_SAFE_INTEGER) reader.fail('clock out of range', start)
    const state = reader.varBytes()
    const bytes = update.subarray(start, reader.offset)
    entries.push({ clientId, clock, isGone: startsAsNull(state), bytes })
  }
  reader.end()
  return entries
}

/** Checks the state of an entry. @throws MalformedFrameError as {@link decodeAwarenessUpdate} does */
export function checkAwarenessEntry({ bytes }: AwarenessEntry): void {
  const reader = new ByteReader(bytes, MalformedAwarenessError)
  reader.varUint()
  reader.varUint()
  skipJson(reader)
}

/** Whether a state is `null`, if it is JSON at all. */
function startsAsNull(state: Uint8Array): boolean {
  let at = 0
  while (isSpace(state[at])) at++
  return state[at] === N
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/**
 * Encodes the state of a client: JSON text or {@link AWARENESS_GONE}.
 *
 * @example
 * ```ts
 * const left = encodeAwarenessEntry({ clientId: 7, clock: 2, state: AWARENESS_GONE })
 * show(left.isGone)
 * ```
 */
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

/** Encodes an awareness update, the payload of an awareness frame. */
export function encodeAwarenessUpdate(entries: readonly AwarenessEntry[]): Uint8Array {
  const update = new Uint8Array(updateLength(entries))
  writeUpdate(update, 0, entries)
  return update
}

/**
 * Encodes awareness frames: as many as needed for each to be within the limits of a gateway, because
 * the stock provider sends back what it receives unchanged.
 *
 * @example
 * ```ts
 * const entries = Array.from({ length: 100 }, (_, clientId) =>
 *   encodeAwarenessEntry({ clientId, clock: 1, state: '{}' }),
 * )
 * for (const frame of encodeAwarenessFrames(entries)) socket.send(frame)
 * ```
 */
export function encodeAwarenessFrames(entries: readonly AwarenessEntry[]): Uint8Array[] {
  return batchAwareness(entries).map(encodeFrame)
}

/** Groups entries as {@link encodeAwarenessFrames} does, without encoding them. */
export function batchAwareness<Entry extends AwarenessEntry>(
  entries: readonly Entry[],
): (readonly Entry[])[] {
  const batches: (readonly Entry[])[] = []
  let first = 0
  let length = COUNT_BYTES
  for (const [i, { bytes }] of entries.entries()) {
    const isFull =
      i - first === MAX_AWARENESS_ENTRIES || length + bytes.length > MAX_AWARENESS_BYTES
    if (isFull && i > first) {
      batches.push(entries.slice(first, i))
      first = i
      length = COUNT_BYTES
    }
    length += bytes.length
  }
  if (first < entries.length) batches.push(first > 0 ? entries.slice(first) : entries)
  return batches
}

/** Like `encodeAwareness`, without an intermediate copy of the update. */
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
