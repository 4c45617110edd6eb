import { varUintLength, writeVarUint } from './var-uint.ts'
import { ByteReader } from './yjs/byte-reader.ts'

// y-protocols, as the stock y-websocket provider uses it: see PROTOCOL.md.
const MESSAGE_SYNC = 0
/** The first byte of an awareness frame. */
export const MESSAGE_AWARENESS = 1
const MESSAGE_AUTH = 2
const MESSAGE_QUERY_AWARENESS = 3
const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1
const SYNC_UPDATE = 2
const PERMISSION_DENIED = 0

/** Longest reason of a {@link encodePermissionDenied}, characters of ASCII: its length is one byte. */
const MAX_REASON_LENGTH = 127

/** A decoded binary frame. Its byte arrays are views of the frame, not copies. */
export type Frame =
  | { kind: 'sync-step-1'; stateVector: Uint8Array }
  | { kind: 'sync-step-2'; update: Uint8Array }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'awareness'; update: Uint8Array }
  | { kind: 'query-awareness' }
  /** From a gateway only: an edit was refused. */
  | { kind: 'permission-denied'; reason: string }

/** The bytes are not a frame of this protocol. */
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
 * Decodes a binary frame. Its payload (a state vector, an update) is not inspected.
 *
 * @throws MalformedFrameError for unknown kinds, lengths beyond the end, and trailing bytes
 *
 * @example
 * ```ts
 * const frame = decodeFrame(encodeUpdate(Y.encodeStateAsUpdate(doc)))
 * if (frame.kind === 'update') Y.applyUpdate(new Y.Doc(), frame.update)
 * ```
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
    case MESSAGE_AUTH:
      return readAuth(reader)
    default:
      throw new MalformedFrameError(`unknown message ${message}`)
  }
}

function readAuth(reader: ByteReader): Frame {
  const answer = reader.varUint()
  if (answer !== PERMISSION_DENIED) throw new MalformedFrameError(`unknown auth message ${answer}`)
  return { kind: 'permission-denied', reason: new TextDecoder().decode(reader.varBytes()) }
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

/**
 * Encodes a sync step 1: what the sender has, which asks for the rest.
 *
 * @example
 * ```ts
 * socket.send(encodeSyncStep1(Y.encodeStateVector(doc)))
 * ```
 */
export function encodeSyncStep1(stateVector: Uint8Array): Uint8Array {
  return encodeSync(SYNC_STEP_1, stateVector)
}

/**
 * Encodes a sync step 2: everything that the sender of a sync step 1 lacks.
 *
 * @example
 * ```ts
 * const frame = decodeFrame(encodeSyncStep1(Y.encodeStateVector(new Y.Doc())))
 * if (frame.kind === 'sync-step-1') {
 *   socket.send(encodeSyncStep2(Y.encodeStateAsUpdate(doc, frame.stateVector)))
 * }
 * ```
 */
export function encodeSyncStep2(update: Uint8Array): Uint8Array {
  return encodeSync(SYNC_STEP_2, update)
}

/**
 * Encodes an update: an edit as it happened.
 *
 * @example
 * ```ts
 * doc.on('update', (update: Uint8Array) => socket.send(encodeUpdate(update)))
 * ```
 */
export function encodeUpdate(update: Uint8Array): Uint8Array {
  return encodeSync(SYNC_UPDATE, update)
}

/**
 * Encodes y-protocols' message that permission was denied, which a stock provider prints as a warning.
 * A gateway sends it to clients without text frames when it refuses an edit.
 *
 * @param reason a code, such as `too_large`: at most 127 characters of ASCII
 *
 * @example
 * ```ts
 * const frame = decodeFrame(encodePermissionDenied('read_only'))
 * if (frame.kind === 'permission-denied') show(frame.reason)
 * ```
 */
export function encodePermissionDenied(reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason)
  if (text.length > MAX_REASON_LENGTH) throw new RangeError('the reason is too long')
  return Uint8Array.of(MESSAGE_AUTH, PERMISSION_DENIED, text.length, ...text)
}

/**
 * Encodes an awareness frame of what {@link encodeAwarenessUpdate} returns.
 *
 * @example
 * ```ts
 * const entry = encodeAwarenessEntry({ clientId: doc.clientID, clock: 1, state: '{"name":"Ada"}' })
 * socket.send(encodeAwareness(encodeAwarenessUpdate([entry])))
 * ```
 */
export function encodeAwareness(awarenessUpdate: Uint8Array): Uint8Array {
  const { length } = awarenessUpdate
  const frame = new Uint8Array(1 + varUintLength(length) + length)
  frame[0] = MESSAGE_AWARENESS
  frame.set(awarenessUpdate, writeVarUint(frame, 1, length))
  return frame
}

/** Allocated at its full size: an encoder that grows would copy a document several times. */
function encodeSync(step: number, payload: Uint8Array): Uint8Array {
  const { length } = payload
  const frame = new Uint8Array(2 + varUintLength(length) + length)
  frame[0] = MESSAGE_SYNC
  frame[1] = step
  frame.set(payload, writeVarUint(frame, 2, length))
  return frame
}
