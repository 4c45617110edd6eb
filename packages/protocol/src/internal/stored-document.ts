import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

const FORMAT_VERSION = 1

/** A board's document as it is stored: a snapshot and the updates after it. */
export interface StoredDocument {
  /** Sequence number of the newest update contained; 0 where nothing was ever stored. */
  seq: number
  /** A merged Yjs update that holds everything up to some seq, or null before any compaction. */
  snapshot: Uint8Array | null
  /** The updates after the snapshot, oldest first. */
  updates: Uint8Array[]
}

/**
 * Body of `GET /internal/boards/:id/document`:
 *
 *     document := varUint(1) • varUint(seq) • varUint(hasSnapshot) • [varByteArray(snapshot)]
 *                 • varUint(updates) • varByteArray(update)*
 */
export function encodeStoredDocument(document: StoredDocument): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, FORMAT_VERSION)
  encoding.writeVarUint(encoder, document.seq)
  encoding.writeVarUint(encoder, document.snapshot ? 1 : 0)
  if (document.snapshot) encoding.writeVarUint8Array(encoder, document.snapshot)
  encoding.writeVarUint(encoder, document.updates.length)
  for (const update of document.updates) encoding.writeVarUint8Array(encoder, update)
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
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    updates.push(decoding.readVarUint8Array(decoder))
  }
  if (decoding.hasContent(decoder)) throw new Error('bytes after the document')
  return { seq, snapshot, updates }
}
