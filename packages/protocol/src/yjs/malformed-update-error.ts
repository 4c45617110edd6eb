/**
 * The bytes are not a Yjs update in v1 encoding, or are one that would break or stall the documents that
 * load it. Never relay or store them.
 */
export class MalformedUpdateError extends Error {
  override readonly name: string = 'MalformedUpdateError'
  readonly code: 'malformed_update' | 'unsupported_content' = 'malformed_update'
  /** Offset in the bytes, from 0. */
  readonly offset: number

  constructor(problem: string, offset: number) {
    super(`malformed update: ${problem} at byte ${offset}`)
    this.offset = offset
  }
}
