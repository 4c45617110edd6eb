/** Bytes that claim to be a Yjs state vector (v1 encoding) and are not one. */
export class MalformedStateVectorError extends Error {
  override readonly name = 'MalformedStateVectorError'
  readonly code = 'malformed_state_vector'
  /** Where in the bytes reading stopped, counted from 0. */
  readonly offset: number

  constructor(problem: string, offset: number) {
    super(`malformed state vector: ${problem} at byte ${offset}`)
    this.offset = offset
  }
}
