import { GC, SKIP } from './struct.ts'
import type { StructLinks } from './struct-links.ts'

/** Kinds of content. */
const DELETED = 1
const JSON_VALUES = 2
const STRING = 4
const TYPE = 7
const ANY_VALUES = 8
const SUBDOCUMENT = 9

/** Counts what Yjs builds of structs, and what it copies to merge them. */
export class PartCount {
  /** See `MAX_UPDATE_PARTS`; objects and arrays inside values are the reader's to count. */
  count = 0
  /** Values that Yjs copies: it merges from the last struct of a row to the first. */
  copies = 0
  /** Of the current range: how many structs at its start merge with what precedes it, and their values. */
  leadStructs = 0
  leadValues = 0
  #isLeading = false
  // The struct before.
  #client = -1
  #end = -1
  #kind = -1
  #rightClient = -1
  #rightClock = -1
  /** How many structs before it Yjs merges it with. */
  #row = 0

  /** How many structs at the end of the range Yjs merges into one, if it holds values. */
  get endRow(): number {
    return holdsValues(this.#kind) ? this.#row + 1 : 0
  }

  /** The next struct merges with none before it. */
  breakRow(): void {
    this.#kind = -1
  }

  /** Begins with another range. */
  begin(): void {
    this.leadStructs = 0
    this.leadValues = 0
    this.#isLeading = true
    this.#kind = -1
    this.#row = 0
  }

  /** Adds a struct that covers `length` clocks from `clock` on. */
  add(client: number, clock: number, length: number, links: StructLinks): void {
    const { kind } = links
    if (this.#merges(client, clock, links)) {
      this.#row++
      if (kind !== STRING) this.copies += length * this.#row
    } else {
      this.#isLeading &&= this.#kind < 0 && links.originClient === client
      this.#row = 0
      this.count += partsOf(kind)
    }
    this.#isLeading &&= holdsValues(kind) && links.originClock === clock - 1
    if (this.#isLeading) {
      this.leadStructs++
      this.leadValues += length
    }
    this.#client = client
    this.#end = clock + length
    this.#kind = kind
    this.#rightClient = links.rightClient
    this.#rightClock = links.rightClock
  }

  #merges(client: number, clock: number, links: StructLinks): boolean {
    const { kind } = links
    return (
      kind === this.#kind &&
      (kind === STRING || holdsValues(kind)) &&
      links.originClock === clock - 1 &&
      links.originClient === client &&
      client === this.#client &&
      clock === this.#end &&
      links.rightClock === this.#rightClock &&
      links.rightClient === this.#rightClient
    )
  }
}

const holdsValues = (kind: number) => kind === ANY_VALUES || kind === JSON_VALUES

/** One part is about 230 bytes of heap. */
function partsOf(kind: number): number {
  switch (kind) {
    case GC:
    case SKIP:
    case DELETED:
      return 1
    case TYPE:
      return 3
    case SUBDOCUMENT:
      return 10
    default:
      return 2
  }
}
