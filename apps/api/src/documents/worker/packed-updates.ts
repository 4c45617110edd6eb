/** The number that a snapshot goes under among updates: theirs begin at 1. */
export const SNAPSHOT_SEQ = 0

/** A stored update and its number. */
export interface NumberedUpdate {
  seq: number
  update: Uint8Array
}

/** Many updates in one buffer, so that a page of them is one message to another process. */
export interface PackedUpdates {
  seqs: number[]
  /** Of each update its length, bytes. */
  sizes: number[]
  bytes: Uint8Array<ArrayBuffer>
}

/** Takes packed updates apart; the arrays are views. */
export function unpackUpdates({ seqs, sizes, bytes }: PackedUpdates): NumberedUpdate[] {
  let offset = 0
  return seqs.map((seq, i) => {
    const start = offset
    offset += sizes[i] ?? 0
    return { seq, update: bytes.subarray(start, offset) }
  })
}
