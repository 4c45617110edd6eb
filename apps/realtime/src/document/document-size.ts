import {
  type ClockRange,
  MAX_BOARD_BYTES,
  MAX_BOARD_PARTS,
  MAX_UNMERGED_BOARD_BYTES,
} from '@mindfuse/protocol'
import type { Extent } from './struct-run.ts'

/** What Yjs saves where it merges two structs: a head with an origin, bytes, and its parts. */
const SEAM_BYTES = 16
const SEAM_PARTS = 2

/** From this share of a bound on, a document is merged before an edit needs the room. */
const MERGE_FROM_SHARE = 0.5

/** The share of a document that a merge has to leave out for that. */
const MERGE_GAIN_SHARE = 0.25

/** Fewer parts than this, left out by a merge, are not worth one, even if an edit needs them. */
const MIN_GAINED_PARTS = MAX_BOARD_PARTS / 256

/**
 * How large a document is, as it is kept and as a merge leaves it. The second is an estimate: a merge
 * drops the content of deleted structs, and joins the structs of one client that follow each other.
 */
export class DocumentSize {
  #bytes: number
  #parts = 0
  #freedBytes = 0
  #freedStructs = 0
  /** Places, those that were deleted included, where a client's structs continue those of an earlier edit. */
  #seams = 0

  /** @param bytes of the snapshot */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Counts the parts of the snapshot. */
  addSnapshotRange({ parts }: ClockRange): void {
    this.#parts += parts
  }

  /**
   * Counts an edit that was added.
   * @param freed what its deletes leave without content, of its own structs too
   */
  add(ranges: readonly ClockRange[], freed: Extent): void {
    for (const { start, end, parts } of ranges) {
      this.#bytes += end - start
      this.#parts += parts
    }
    this.#seams += ranges.length
    this.#freedBytes += freed.bytes
    this.#freedStructs += freed.structs
  }

  /** Its bytes once it is merged, about. */
  get mergedBytes(): number {
    const seams = Math.max(0, this.#seams - this.#freedStructs)
    return Math.max(0, Math.round(this.#bytes - this.#freedBytes - seams * SEAM_BYTES))
  }

  /** The same of its parts. */
  get mergedParts(): number {
    return this.#parts - this.#gainedParts
  }

  /** Whether a merge would make a large document much smaller. */
  get isWorthMerging(): boolean {
    const isWorth = (now: number, merged: number, most: number) =>
      now > most * MERGE_FROM_SHARE && now - merged > now * MERGE_GAIN_SHARE
    return (
      isWorth(this.#bytes, this.mergedBytes, MAX_BOARD_BYTES) ||
      isWorth(this.#parts, this.mergedParts, MAX_BOARD_PARTS)
    )
  }

  /**
   * Whether an edit exceeds a bound. `unmerged`: it would not, once the document is merged. One that
   * leaves the document no larger exceeds none.
   * @param freedBy what its deletes leave without content: asked near a bound alone
   * @param splits parts that deleted ranges may add
   */
  excessOf(
    ranges: readonly ClockRange[],
    { freedBy, splits }: { freedBy: () => Extent; splits: number },
  ): 'full' | 'unmerged' | undefined {
    let bytes = 0
    let parts = 0
    for (const range of ranges) {
      bytes += range.end - range.start
      parts += range.parts
    }
    if (bytes === 0) return undefined
    const isUnmerged = this.#bytes + bytes > MAX_UNMERGED_BOARD_BYTES
    const hasParts = this.#parts + splits + parts <= MAX_BOARD_PARTS
    if (!isUnmerged && hasParts && this.mergedBytes + bytes <= MAX_BOARD_BYTES) return undefined
    const freed = freedBy()
    const moreBytes = bytes - freed.bytes
    if (moreBytes > 0 && this.mergedBytes + moreBytes > MAX_BOARD_BYTES) return 'full'
    if (isUnmerged) return 'unmerged'
    const moreParts = parts - freed.structs * SEAM_PARTS
    if (moreParts <= 0 || hasParts) return undefined
    const isMergeable = this.#gainedParts >= MIN_GAINED_PARTS
    const isFull = !isMergeable || this.mergedParts + splits + moreParts > MAX_BOARD_PARTS
    return isFull ? 'full' : 'unmerged'
  }

  /** The parts that a merge saves, about. */
  get #gainedParts(): number {
    return Math.min(this.#parts, Math.max(this.#freedStructs, this.#seams) * SEAM_PARTS)
  }
}
