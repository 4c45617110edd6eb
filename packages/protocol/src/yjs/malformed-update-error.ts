/**
 * Bytes that claim to be a Yjs update (v1 encoding) and are not one, or are one that would break
 * or stall the documents that load it. Never relay or store them.
 */
export class MalformedUpdateError extends Error {
  override readonly name = 'MalformedUpdateError'
  readonly code = 'malformed_update'
  /** Where in the bytes reading stopped, counted from 0. */
  readonly offset: number

  constructor(problem: string, offset: number) {
    super(`malformed update: ${problem} at byte ${offset}`)
    this.offset = offset
  }
}
