/** The number that a snapshot goes under among updates: theirs begin at 1. */
export const SNAPSHOT_SEQ = 0

/** A stored update and its number. */
export interface NumberedUpdate {
  seq: number
  update: Uint8Array
}

/**
 * Many updates in one buffer, so that a page of them changes threads without a copy. Small buffers
 * of Node share a pool that cannot be given away, and cloning one clones the pool.
 */
export interface PackedUpdates {
  seqs: number[]
  /** Of each update its length, bytes. */
  sizes: number[]
  bytes: Uint8Array<ArrayBuffer>
}

/** Puts updates one after the other into a buffer of its own. */
export function packUpdates(updates: readonly NumberedUpdate[]): PackedUpdates {
  const sizes = updates.map(({ update }) => update.length)
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0))
  let offset = 0
  for (const { update } of updates) {
    bytes.set(update, offset)
    offset += update.length
  }
  return { seqs: updates.map(({ seq }) => seq), sizes, bytes }
}

/** Takes apart what {@link packUpdates} made; the arrays are views. */
export function unpackUpdates({ seqs, sizes, bytes }: PackedUpdates): NumberedUpdate[] {
  let offset = 0
  return seqs.map((seq, i) => {
    const start = offset
    offset += sizes[i] ?? 0
    return { seq, update: bytes.subarray(start, offset) }
  })
}
