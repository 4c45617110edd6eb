/** Stored updates that the database has no longer: those after `from`, up to `to`; none where equal. */
export interface LostPositions {
  from: number
  to: number
}

/** Up to where a board is stored, as an answer of the API says. */
export interface Position {
  seq: number
  /** The database that says so, see `positionsReplySchema`; undefined where it is not known. */
  incarnation: string | undefined
}

/**
 * Up to where a board is stored and known here. A database that keeps what it commits never goes below
 * that. One that does, or another one, may lack what was stored: a standby that lagged behind was
 * promoted, or a backup restored.
 */
export class StoredPosition {
  #knownSeq: number
  /** The number of the last update that was stored by this gateway. */
  #ownSeq = 0
  #incarnation: string | undefined

  constructor({ seq, incarnation }: Position) {
    this.#knownSeq = seq
    this.#incarnation = incarnation
  }

  /** The stored update up to which everything is in the document. */
  get knownSeq(): number {
    return this.#knownSeq
  }

  /** The highest number that is known to be stored. */
  get highestSeq(): number {
    return Math.max(this.#knownSeq, this.#ownSeq)
  }

  /** Everything stored up to here was read. */
  read(seq: number): void {
    this.#knownSeq = Math.max(this.#knownSeq, seq)
  }

  /** Updates of this gateway were stored as the last `count`. @returns what may be lost */
  stored({ seq, incarnation }: Position, count: number): LostPositions | undefined {
    const from = seq - count
    // A board is in one batch at a time: its numbers rise.
    const lost = this.compare({ seq: from, incarnation }, this.#ownSeq)
    this.#ownSeq = seq
    // Unless others stored updates in between, which may not have been received here.
    if (from === this.#knownSeq) this.#knownSeq = seq
    return lost
  }

  /**
   * The API says how far the board is stored.
   * @param seqBefore the highest number that was known when it was asked: what is stored meanwhile may be missing
   * @returns what may be lost
   */
  compare({ seq, incarnation }: Position, seqBefore: number): LostPositions | undefined {
    if (this.isIn(incarnation) && seq >= seqBefore) return undefined
    return { from: seq, to: Math.max(seq, seqBefore) }
  }

  /** Whether this is the database that has what is stored, as far as it is known. */
  isIn(incarnation: string | undefined): boolean {
    this.#incarnation ??= incarnation
    return incarnation === undefined || incarnation === this.#incarnation
  }
}
