import { dropOldest } from '@mindfuse/shared-state'
import { type LostPositions, StoredPosition } from '../sync/stored-position.ts'

/** Most boards that are remembered. */
const MAX_BOARDS = 10_000

/**
 * Boards that were closed when all was stored, and up to where. What the database loses of them may be held by
 * nobody, so that it can only be reported.
 */
export class ClosedBoards {
  /** Those that were looked at last come last. */
  readonly #positions = new Map<string, StoredPosition>()

  get size(): number {
    return this.#positions.size
  }

  /** Nobody has a board open any more. */
  add(boardId: string, position: StoredPosition): void {
    this.#positions.set(boardId, position)
    dropOldest(this.#positions, MAX_BOARDS)
  }

  /** A board is open again: what is known of it is compared by its room. */
  delete(boardId: string): void {
    this.#positions.delete(boardId)
  }

  /** The boards that are to be looked at next. */
  next(count: number): string[] {
    return [...this.#positions.keys()].slice(0, count)
  }

  /**
   * Compares a board with what is stored.
   * @param stored with no number where there is no such board any more
   * @returns what is lost; it is reported once
   */
  compare(
    boardId: string,
    { seq, incarnation }: { seq: number | undefined; incarnation: string | undefined },
  ): LostPositions | undefined {
    const position = this.#positions.get(boardId)
    if (!position) return undefined
    this.#positions.delete(boardId)
    const to = position.highestSeq
    // In the same database, it was deleted.
    if (seq === undefined && position.isIn(incarnation)) return undefined
    if ((seq ?? 0) < to) return { from: seq ?? 0, to }
    this.#positions.set(boardId, new StoredPosition({ seq: to, incarnation }))
    return undefined
  }
}
