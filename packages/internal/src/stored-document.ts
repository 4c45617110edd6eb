import { encodeVarUints } from '@mindfuse/protocol'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

const FORMAT_VERSION = 2

/** A board's document as it is stored: a snapshot and the updates after it. */
export interface StoredDocument {
  /** Sequence number of the newest update contained; 0 where nothing was ever stored. */
  seq: number
  /** A merged Yjs update that holds everything up to some seq, or null before any compaction. */
  snapshot: Uint8Array | null
  /** The updates after the snapshot, oldest first. */
  updates: Uint8Array[]
  /** The number of each of `updates`. One is left out where an update lies in quarantine. */
  seqs: number[]
}

/**
 * Body of `GET /internal/boards/:id/document`:
 *
 *     document := varUint(2) • varUint(seq) • varUint(hasSnapshot) • [varByteArray(snapshot)]
 *                 • varUint(updates) • update*
 *     update   := varUint(step) • varByteArray(yjsUpdate)
 *
 * `step` is how far the update's number is above that of the one before, or above 0.
 *
 * @throws RangeError where the numbers do not rise from above 0 up to `seq`, one an update
 */
export function encodeStoredDocument(document: StoredDocument): Uint8Array {
  const { seq, snapshot, updates, seqs } = document
  if ((seqs.at(-1) ?? 0) > seq) throw new RangeError('an update is newer than the document')
  const encoder = encoding.createEncoder()
  const numbered = encodeNumberedUpdates(updates, seqs)
  for (const part of [...encodeDocumentHead({ seq, snapshot, count: updates.length }), numbered]) {
    encoding.writeUint8Array(encoder, part)
  }
  return encoding.toUint8Array(encoder)
}

/**
 * The beginning of a document, up to its updates, as consecutive parts, to send a large one
 * piece by piece. `count` updates of {@link encodeNumberedUpdates} follow.
 */
export function encodeDocumentHead(head: {
  seq: number
  snapshot: Uint8Array | null
  count: number
}): Uint8Array[] {
  const { seq, snapshot, count } = head
  if (!snapshot) return [encodeVarUints([FORMAT_VERSION, seq, 0, count])]
  const before = encodeVarUints([FORMAT_VERSION, seq, 1, snapshot.length])
  return [before, snapshot, encodeVarUints([count])]
}

/**
 * Updates as a document holds them.
 * @param before the number of the update before the first of these
 * @throws RangeError where the numbers do not rise, or are not one an update
 */
export function encodeNumberedUpdates(
  updates: readonly Uint8Array[],
  seqs: readonly number[],
  before = 0,
): Uint8Array {
  if (seqs.length !== updates.length) {
    throw new RangeError('an update without a number, or a number without an update')
  }
  const encoder = encoding.createEncoder()
  let last = before
  updates.forEach((update, i) => {
    const seq = seqs[i] as number
    if (seq <= last) throw new RangeError(`number ${seq} is out of order`)
    encoding.writeVarUint(encoder, seq - last)
    encoding.writeVarUint8Array(encoder, update)
    last = seq
  })
  return encoding.toUint8Array(encoder)
}

/** Reads what {@link encodeStoredDocument} wrote; the arrays are views. @throws on other bytes. */
export function decodeStoredDocument(bytes: Uint8Array): StoredDocument {
  const decoder = decoding.createDecoder(bytes)
  if (decoding.readVarUint(decoder) !== FORMAT_VERSION) throw new Error('unknown document format')
  const seq = decoding.readVarUint(decoder)
  const hasSnapshot = decoding.readVarUint(decoder)
  if (hasSnapshot > 1) throw new Error('malformed document')
  const snapshot = hasSnapshot === 1 ? decoding.readVarUint8Array(decoder) : null
  const updates: Uint8Array[] = []
  const seqs: number[] = []
  let last = 0
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const step = decoding.readVarUint(decoder)
    last += step
    if (step === 0 || last > seq) throw new Error('an update out of order')
    seqs.push(last)
    updates.push(decoding.readVarUint8Array(decoder))
  }
  if (decoding.hasContent(decoder)) throw new Error('bytes after the document')
  return { seq, snapshot, updates, seqs }
}
