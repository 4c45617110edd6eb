import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { MalformedFrameError } from './frames.ts'
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_ENTRIES } from './limits.ts'

/** Bytes that the number of entries takes at most. */
const COUNT_BYTES = 1

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
  return joinEntries(Array.from(entries, encodeEntry))
}

/**
 * Writes as many updates as it takes for each to be one that a gateway accepts: the stock provider
 * sends back what it hears as it came.
 */
export function encodeAwarenessUpdates(entries: Iterable<AwarenessEntry>): Uint8Array[] {
  const updates: Uint8Array[] = []
  let pieces: Uint8Array[] = []
  let bytes = COUNT_BYTES
  for (const entry of entries) {
    const piece = encodeEntry(entry)
    const isFull =
      pieces.length === MAX_AWARENESS_ENTRIES || bytes + piece.length > MAX_AWARENESS_BYTES
    if (isFull && pieces.length > 0) {
      updates.push(joinEntries(pieces))
      pieces = []
      bytes = COUNT_BYTES
    }
    pieces.push(piece)
    bytes += piece.length
  }
  if (pieces.length > 0) updates.push(joinEntries(pieces))
  return updates
}

function encodeEntry({ clientId, clock, state }: AwarenessEntry): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, clientId)
  encoding.writeVarUint(encoder, clock)
  encoding.writeVarString(encoder, state)
  return encoding.toUint8Array(encoder)
}

function joinEntries(entries: readonly Uint8Array[]): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, entries.length)
  for (const entry of entries) encoding.writeUint8Array(encoder, entry)
  return encoding.toUint8Array(encoder)
}
