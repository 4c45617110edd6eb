/** The structs of one client in an update. */
export interface ClockRange {
  /** Yjs client id, at most 2^53 - 1. */
  readonly client: number
  /** The first clock. */
  readonly from: number
  /** The clock after the last. */
  readonly to: number
  /** The clock at which the first gap inside the range begins; `to` without a gap. */
  readonly gapStart: number
  /** The clock after the last gap inside the range; 0 without a gap. */
  readonly gapEnd: number
  /** Number of structs, gaps included. */
  readonly structs: number
  /** Number of parts: see `MAX_UPDATE_PARTS`. */
  readonly parts: number
  /**
   * How many structs at its start Yjs merges with the one before, if that holds values as they do, and how
   * many values they have; how many at its end it merges into one.
   */
  readonly leadStructs: number
  readonly leadValues: number
  readonly endRow: number
  /** Offsets in the update of the first struct, and after the last. */
  readonly start: number
  readonly end: number
  /**
   * Positions of structs before the first gap, an index into the range: triples of a clock, the offset of
   * its struct in the update, and the number of structs before it. Empty unless requested. A struct that
   * is larger than the distance of marks has one of its own.
   */
  readonly marks: readonly number[]
  /**
   * How many shared types enclose its items, as far as it is known: pairs of a clock, and the depth of the
   * items from there on. Items before the first pair are in no nested type.
   */
  readonly depths: readonly number[]
  /** Of its items without a left neighbour, the hashes of the places that they claim: see `HeadCount`. */
  readonly heads: readonly number[]
}

/** The deletes of one client in an update. */
export interface ClientDeletes {
  /** Yjs client id, at most 2^53 - 1. */
  readonly client: number
  /** The first clock of each deleted range and the clock after the last, in ascending order. */
  readonly bounds: readonly number[]
}

/** What an update changes, found without decoding its contents. */
export interface UpdateSummary {
  /** One entry for each client with structs, by client id from high to low. */
  readonly ranges: readonly ClockRange[]
  /** Number of structs, gaps included. */
  readonly structs: number
  /** Number of parts: see `MAX_UPDATE_PARTS`. */
  readonly parts: number
  /** How many values Yjs copies to merge structs: see `MAX_UPDATE_COPIES`. */
  readonly copies: number
  /** How many shared types enclose the deepest item. */
  readonly deepest: number
  /** Whether some range has gaps (Skip structs), as `Y.mergeUpdates` leaves them. */
  readonly hasGaps: boolean
  /** By client, the highest of its clocks that a struct of another client refers to. */
  readonly dependencies: ReadonlyMap<number, number>
  /** One entry for each client with deletes, in any order. */
  readonly deletes: readonly ClientDeletes[]
  /** The offset of the deletes, which extend to the end of the update. */
  readonly deletesStart: number
  /** Neither structs nor deletes: nothing to relay or store. */
  readonly isEmpty: boolean
}
