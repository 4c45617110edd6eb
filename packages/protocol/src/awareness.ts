import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { MalformedFrameError } from './frames.ts'
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_ENTRIES } from './limits.ts'

/** Bytes that the number of entries takes at most. */
const COUNT_BYTES = 1

/** Bytes that an entry takes besides its state, at most: clientID, clock and the state's length. */
const MAX_ENTRY_HEAD_BYTES = 8 + 8 + 2

/** One client's state in an awareness update. */
export interface AwarenessEntry {
  /** The Yjs clientID that the sender chose. */
  clientId: number
  /** Rises with each change; an entry counts only above the clock last seen. */
  clock: number
  /** The state as JSON text; `null` (the four letters) says the client is gone. */
  state: string
}

/** The state of a client that is gone. */
export const AWARENESS_GONE = 'null'

/**
 * Reads an awareness update.
 * @throws MalformedFrameError where it is none, names more than {@link MAX_AWARENESS_ENTRIES}
 * clients or holds what would throw in every client that hears it: a state that is not JSON, or a
 * number that lib0 reads rounded and then writes as one that it refuses to read.
 */
export function decodeAwarenessUpdate(update: Uint8Array): AwarenessEntry[] {
  try {
    const decoder = decoding.createDecoder(update)
    const count = decoding.readVarUint(decoder)
    if (count > MAX_AWARENESS_ENTRIES) throw new MalformedFrameError('too many awareness clients')
    const entries: AwarenessEntry[] = []
    for (let i = 0; i < count; i++) {
      const clientId = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      const state = decoding.readVarString(decoder)
      requireExact(clientId, clock)
      const isGone = JSON.parse(state) === null
      entries.push({ clientId, clock, state: isGone ? AWARENESS_GONE : state })
    }
    if (decoding.hasContent(decoder)) throw new MalformedFrameError('bytes after the awareness')
    return entries
  } catch (error) {
    if (error instanceof MalformedFrameError) throw error
    throw new MalformedFrameError('malformed awareness', { cause: error })
  }
}

/** One above the clock is what says, when the client's connection ends, that it is gone. */
function requireExact(clientId: number, clock: number): void {
  if (!Number.isSafeInteger(clientId) || !Number.isSafeInteger(clock + 1)) {
    throw new MalformedFrameError('awareness number out of range')
  }
}

/** Writes an awareness update, the payload of an awareness frame. */
export function encodeAwarenessUpdate(entries: Iterable<AwarenessEntry>): Uint8Array {
  const list = [...entries]
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, list.length)
  for (const { clientId, clock, state } of list) {
    encoding.writeVarUint(encoder, clientId)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, state)
  }
  return encoding.toUint8Array(encoder)
}

/**
 * Writes as many updates as it takes for each to be one that a gateway accepts: the stock provider
 * sends back what it hears as it came.
 */
export function encodeAwarenessUpdates(entries: Iterable<AwarenessEntry>): Uint8Array[] {
  const updates: Uint8Array[] = []
  let part: AwarenessEntry[] = []
  let bytes = COUNT_BYTES
  for (const entry of entries) {
    const length = MAX_ENTRY_HEAD_BYTES + utf8Length(entry.state)
    const isFull = part.length === MAX_AWARENESS_ENTRIES || bytes + length > MAX_AWARENESS_BYTES
    if (isFull && part.length > 0) {
      updates.push(encodeAwarenessUpdate(part))
      part = []
      bytes = COUNT_BYTES
    }
    part.push(entry)
    bytes += length
  }
  if (part.length > 0) updates.push(encodeAwarenessUpdate(part))
  return updates
}

/** The bytes of a text in UTF-8; of half a surrogate pair, those of the sign that stands for it. */
function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    const isPair = code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00
    // A pair is four bytes and was counted as two, anything else up to here is two or three.
    length += code < 0x800 ? 1 : 2
    if (isPair) i++
  }
  return length
}
