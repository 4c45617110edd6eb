/** Stands for a reference that a struct does not have. */
const NONE = -1

/**
 * What a struct is and refers to. One object serves all structs of an inspection; the references are
 * `-1` where a struct has none.
 */
export class StructLinks {
  /** The kind of its content, or of a struct without any. */
  kind = NONE
  /** The struct to its left when it was inserted. */
  originClient = NONE
  originClock = NONE
  /** The struct to its right when it was inserted. */
  rightClient = NONE
  rightClock = NONE
  /** The item of the shared type around it, where it has neither neighbour. */
  parentClient = NONE
  parentClock = NONE
  /**
   * Identifies the place that an item without a left neighbour claims: the hash of its right neighbour, or of
   * its parent and key. 0 for other structs, and for one put before the one that its client made last, which
   * no other item of the client can be.
   */
  head = 0

  /** Begins with a struct of this kind. */
  reset(kind: number): void {
    this.kind = kind
    this.originClient = NONE
    this.originClock = NONE
    this.rightClient = NONE
    this.rightClock = NONE
    this.parentClient = NONE
    this.parentClock = NONE
    this.head = 0
  }
}
