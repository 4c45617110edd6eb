/** What an update holds of one client. */
export interface ClockRange {
  /** Yjs client id, at most 2^53 - 1. */
  readonly client: number
  /** The first clock. */
  readonly from: number
  /** The clock after the last. */
  readonly to: number
  /** The clock at which the first gap inside the range begins; `to` where it has no gap. */
  readonly gapStart: number
  /** The clock after the last gap inside the range; 0 where it has no gap. */
  readonly gapEnd: number
  /** How many structs there are, gaps included. */
  readonly structs: number
  /** Where in the update the structs begin, and where they end. */
  readonly start: number
  readonly end: number
  /**
   * Where structs before the first gap lie, so that one can be found without reading all before it:
   * triples of a clock, its struct's offset in the update, and the number of structs before it. Empty
   * unless asked for.
   */
  readonly marks: readonly number[]
}

/** What an update deletes of one client. */
export interface ClientDeletes {
  /** Yjs client id, at most 2^53 - 1. */
  readonly client: number
  /** Of each deleted range the first clock and the clock after the last, in ascending order. */
  readonly bounds: readonly number[]
}

/** What an update says it changes, found without reading what it holds. */
export interface UpdateSummary {
  /** One entry for each client with structs, by client id from high to low. */
  readonly ranges: readonly ClockRange[]
  /** How many structs there are, gaps included. */
  readonly structs: number
  /** Whether some range has gaps (Skip structs), as `Y.mergeUpdates` leaves them. */
  readonly hasGaps: boolean
  /** By client, the highest clock of theirs that a struct of somebody else refers to. */
  readonly dependencies: ReadonlyMap<number, number>
  /** One entry for each client with deletes, in any order. */
  readonly deletes: readonly ClientDeletes[]
  /** Where in the update the deletes begin; they go on to its end. */
  readonly deletesStart: number
  /** Neither structs nor deletes: nothing to relay or store. */
  readonly isEmpty: boolean
}
