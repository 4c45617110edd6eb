import { varUintLength, writeVarUint } from './var-uint.ts'
import { ByteReader } from './yjs/byte-reader.ts'

// y-protocols, as the stock y-websocket provider speaks it: see PROTOCOL.md.
const MESSAGE_SYNC = 0
/** The first byte of an awareness frame. */
export const MESSAGE_AWARENESS = 1
const MESSAGE_QUERY_AWARENESS = 3
const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1
const SYNC_UPDATE = 2

/** A binary frame, taken apart. The byte arrays are views of the frame, not copies. */
export type Frame =
  | { kind: 'sync-step-1'; stateVector: Uint8Array }
  | { kind: 'sync-step-2'; update: Uint8Array }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'awareness'; update: Uint8Array }
  | { kind: 'query-awareness' }

/** The bytes are no frame of this protocol. */
export class MalformedFrameError extends Error {
  override name = 'MalformedFrameError'
  readonly code = 'malformed_frame'
}

class MalformedHeadError extends MalformedFrameError {
  constructor(problem: string, offset: number) {
    super(`malformed frame: ${problem} at byte ${offset}`)
  }
}

/**
 * Takes a binary frame apart. What it carries (a state vector, an update) is not looked into.
 * @throws MalformedFrameError for unknown kinds, lengths beyond the end and trailing bytes.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const reader = new ByteReader(bytes, MalformedHeadError)
  const frame = readFrame(reader)
  reader.end()
  return frame
}

function readFrame(reader: ByteReader): Frame {
  const message = reader.varUint()
  switch (message) {
    case MESSAGE_SYNC:
      return readSync(reader)
    case MESSAGE_AWARENESS:
      return { kind: 'awareness', update: reader.varBytes() }
    case MESSAGE_QUERY_AWARENESS:
      return { kind: 'query-awareness' }
    default:
      throw new MalformedFrameError(`unknown message ${message}`)
  }
}

function readSync(reader: ByteReader): Frame {
  const step = reader.varUint()
  switch (step) {
    case SYNC_STEP_1:
      return { kind: 'sync-step-1', stateVector: reader.varBytes() }
    case SYNC_STEP_2:
      return { kind: 'sync-step-2', update: reader.varBytes() }
    case SYNC_UPDATE:
      return { kind: 'update', update: reader.varBytes() }
    default:
      throw new MalformedFrameError(`unknown sync message ${step}`)
  }
}

/** `sync step 1`: what the sender knows, asking for the rest. */
export function encodeSyncStep1(stateVector: Uint8Array): Uint8Array {
  return encodeSync(SYNC_STEP_1, stateVector)
}

/** `sync step 2`: everything the asker lacked. */
export function encodeSyncStep2(update: Uint8Array): Uint8Array {
  return encodeSync(SYNC_STEP_2, update)
}

/** `sync update`: an edit as it happened. */
export function encodeUpdate(update: Uint8Array): Uint8Array {
  return encodeSync(SYNC_UPDATE, update)
}

/** `awareness`: states of awareness clients, as encoded by {@link encodeAwarenessUpdate}. */
export function encodeAwareness(awarenessUpdate: Uint8Array): Uint8Array {
  const { length } = awarenessUpdate
  const frame = new Uint8Array(1 + varUintLength(length) + length)
  frame[0] = MESSAGE_AWARENESS
  frame.set(awarenessUpdate, writeVarUint(frame, 1, length))
  return frame
}

/** At its full size from the start: an encoder that grows would copy a document several times. */
function encodeSync(step: number, payload: Uint8Array): Uint8Array {
  const { length } = payload
  const frame = new Uint8Array(2 + varUintLength(length) + length)
  frame[0] = MESSAGE_SYNC
  frame[1] = step
  frame.set(payload, writeVarUint(frame, 2, length))
  return frame
}
