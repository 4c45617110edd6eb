import {
  type ClientDeletes,
  type ClockRange,
  type DeletedRanges,
  HeadCount,
  ItemDepths,
  MAX_BOARD_CLIENTS,
  MAX_BOARD_COPIES,
  MAX_BOARD_DELETES,
  MAX_BOARD_PASSES,
  MAX_TYPE_DEPTH,
  type StateVector,
} from '@mindfuse/protocol'
import type { DocumentSize } from './document-size.ts'
import type { StructLog } from './struct-log.ts'
import type { Extent } from './struct-run.ts'

/**
 * A document deeper than this takes no edits: it was stored before depth was bounded, and deleting or
 * replacing its outermost type would break every client. Two gateways that each accept one half of what
 * is too deep stay below.
 */
const MAX_DOCUMENT_DEPTH = 2 * MAX_TYPE_DEPTH

/** Why an update is refused. `unmerged`: it may be accepted once the board has been merged. */
export type StructureRefusal = 'too_complex' | 'board_full' | 'unmerged'

/** An edit that is to be added to a document. */
export interface ProposedEdit {
  ranges: readonly ClockRange[]
  deletes: readonly ClientDeletes[]
  /** What its deletes leave without content. */
  freedBy: () => Extent
  /** How many values Yjs copies in addition to merge it with the log. */
  copies: number
}

/** What a document's structure costs those who read it, and whether it may cost more. */
export class Structure {
  readonly #stateVector: StateVector
  readonly #size: DocumentSize
  readonly #depths = new ItemDepths()
  readonly #heads = new HeadCount()

  /** @param stateVector of the document; it and `size` are kept up to date outside */
  constructor(stateVector: StateVector, size: DocumentSize) {
    this.#stateVector = stateVector
    this.#size = size
  }

  /** How many shared types enclose an item; undefined if the document does not have it. */
  depthOf(client: number, clock: number): number | undefined {
    return clock < this.#clockOf(client) ? this.#depths.depthOf(client, clock) : undefined
  }

  /** Records the depths and places of a range's new part, before the state vector covers it. */
  add(range: ClockRange): void {
    this.#heads.add(range)
    this.#depths.add(range, this.#clockOf(range.client))
  }

  /** Why the document takes no further edit, or not this one. */
  refusalOf(
    edit: ProposedEdit,
    { log, deleted }: { log: StructLog; deleted: DeletedRanges },
  ): StructureRefusal | undefined {
    if (this.#depths.deepest > MAX_DOCUMENT_DEPTH) return 'too_complex'
    let newClients = 0
    for (const { client } of edit.ranges) if (this.#clockOf(client) === 0) newClients++
    if (newClients > 0 && this.#stateVector.size + newClients > MAX_BOARD_CLIENTS) {
      return 'board_full'
    }
    if (this.#heads.exceedsWith(edit.ranges, MAX_BOARD_PASSES)) return 'board_full'
    if (hasTooManyDeletes(deleted, edit.deletes)) return 'board_full'
    // Each deleted range may split a struct.
    const { freedBy } = edit
    const excess = this.#size.excessOf(edit.ranges, { freedBy, splits: deleted.size })
    if (excess === 'full') return 'board_full'
    const { copies } = edit
    const isTooCostly = copies > 0 && log.copies + copies > MAX_BOARD_COPIES
    return excess ?? (isTooCostly ? 'unmerged' : undefined)
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
