/** The bounds on the structure of an update. */
export type UpdateBound = 'clients' | 'delete clients' | 'parts' | 'copies' | 'passes' | 'depth'

const WORDS: Record<UpdateBound, (limit: number) => string> = {
  clients: (limit) => `structs of more than ${limit} clients`,
  'delete clients': (limit) => `deletes of structs of more than ${limit} clients`,
  parts: (limit) => `more than ${limit} parts`,
  copies: (limit) => `more than ${limit} values to copy for structs that Yjs merges`,
  passes: (limit) => `more than ${limit} items to go past for those at the same place`,
  depth: (limit) => `shared types nested deeper than ${limit}`,
}

/**
 * A well-formed update whose structure exceeds a bound: it would cost every reader of the document too
 * much time, memory or stack. Do not relay or store it; sending it again does not help.
 */
export class UpdateTooComplexError extends Error {
  override readonly name = 'UpdateTooComplexError'
  readonly code = 'update_too_complex'
  readonly bound: UpdateBound
  readonly limit: number

  constructor(bound: UpdateBound, limit: number) {
    super(`update too complex: ${WORDS[bound](limit)}`)
    this.bound = bound
    this.limit = limit
  }
}
