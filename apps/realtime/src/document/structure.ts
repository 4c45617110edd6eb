import {
  type ClientDeletes,
  type ClockRange,
  type DeletedRanges,
  ItemDepths,
  MAX_BOARD_CLIENTS,
  MAX_BOARD_COPIES,
  MAX_BOARD_DELETES,
  MAX_BOARD_PARTS,
  MAX_TYPE_DEPTH,
  type StateVector,
} from '@mindfuse/protocol'
import type { Addition, StructLog } from './struct-log.ts'

/**
 * A document deeper than this takes no edits: it was stored before depth was bounded, and deleting or
 * replacing its outermost type would break every client. Two gateways that each accept one half of what
 * is too deep stay below.
 */
const MAX_DOCUMENT_DEPTH = 2 * MAX_TYPE_DEPTH

/** Why an update is refused. `rate_limited`: once the board has been merged, it is accepted. */
export type StructureRefusal = 'too_complex' | 'board_full' | 'rate_limited'

/** What a document's structure costs those who read it, and whether it may cost more. */
export class Structure {
  readonly #stateVector: StateVector
  readonly #depths = new ItemDepths()
  #parts = 0

  /** @param stateVector of the document, which is kept up to date outside */
  constructor(stateVector: StateVector) {
    this.#stateVector = stateVector
  }

  /** How many shared types enclose an item; undefined if the document does not have it. */
  depthOf(client: number, clock: number): number | undefined {
    return clock < this.#clockOf(client) ? this.#depths.depthOf(client, clock) : undefined
  }

  /** Counts the new part of a range, before the state vector covers it. */
  add(range: ClockRange): void {
    this.#depths.add(range, this.#clockOf(range.client))
    this.#parts += range.parts
  }

  /** Why the document takes no further edit, or not this one. */
  refusalOf(
    addition: Addition & { deletes: readonly ClientDeletes[] },
    { log, deleted }: { log: StructLog; deleted: DeletedRanges },
  ): StructureRefusal | undefined {
    if (this.#depths.deepest > MAX_DOCUMENT_DEPTH) return 'too_complex'
    // Each deleted range may split a struct.
    let parts = this.#parts + deleted.size
    let newClients = 0
    for (const range of addition.ranges) {
      parts += range.parts
      if (this.#clockOf(range.client) === 0) newClients++
    }
    const hasTooManyClients =
      newClients > 0 && this.#stateVector.size + newClients > MAX_BOARD_CLIENTS
    if (parts > MAX_BOARD_PARTS || hasTooManyClients) return 'board_full'
    if (hasTooManyDeletes(deleted, addition.deletes)) return 'board_full'
    const copies = log.copiesWith(addition)
    return copies > 0 && log.copies + copies > MAX_BOARD_COPIES ? 'rate_limited' : undefined
  }

  #clockOf(client: number): number {
    return this.#stateVector.get(client) ?? 0
  }
}

/** Whether a document's deletes exceed a bound with these, because of these. */
function hasTooManyDeletes(deleted: DeletedRanges, deletes: readonly ClientDeletes[]): boolean {
  const { size, clients } = deleted
  // Only near the bounds it matters which of them are known: a step 2 repeats all deletes.
  const mostNew = deletes.reduce((sum, { bounds }) => sum + bounds.length / 2, 0)
  const isFar = size + mostNew <= MAX_BOARD_DELETES && clients + deletes.length <= MAX_BOARD_CLIENTS
  if (isFar) return false
  const added = deleted.countNew(deletes)
  return (
    (added.ranges > 0 && size + added.ranges > MAX_BOARD_DELETES) ||
    (added.clients > 0 && clients + added.clients > MAX_BOARD_CLIENTS)
  )
}
