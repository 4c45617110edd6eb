/** The bytes are not a Yjs state vector in v1 encoding. */
export class MalformedStateVectorError extends Error {
  override readonly name = 'MalformedStateVectorError'
  readonly code = 'malformed_state_vector'
  /** Offset in the bytes, from 0. */
  readonly offset: number

  constructor(problem: string, offset: number) {
    super(`malformed state vector: ${problem} at byte ${offset}`)
    this.offset = offset
  }
}
