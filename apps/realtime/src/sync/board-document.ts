import {
  advance,
  covers,
  DeletedRanges,
  decodeStateVector,
  encodeStateVector,
  inspectUpdate,
  overlaps,
  type StateVector,
  type StoredDocument,
  type UpdateSummary,
} from '@mindfuse/protocol'
import { diffUpdate, encodeStateVectorFromUpdate, mergeUpdates } from 'yjs'

/** The update that holds nothing. */
const EMPTY_UPDATE = Uint8Array.of(0, 0)

/**
 * What became of an update: `applied` carries what is new in it, to be relayed and stored; `empty`
 * says that nothing is, as in a step 2 that repeats an edit that came by itself too; `gap` says
 * that it builds on something the document lacks and changed nothing, so that its sender has to be
 * asked for everything from the document's state vector on.
 */
export type ApplyOutcome =
  | { kind: 'applied'; update: Uint8Array }
  | { kind: 'empty' }
  | { kind: 'gap' }

/** How an update is taken in. */
export interface ApplyOptions {
  /** From storage or another gateway, where it was checked: it may be of any number of clients. */
  trusted?: boolean
}

const TRUSTED = { maxClients: Number.POSITIVE_INFINITY }

/**
 * A board's document as the gateway keeps it: bytes, a state vector and which clocks are deleted,
 * never a Y.Doc. New updates gather in a tail, which is merged into the base when somebody joins.
 */
export class BoardDocument {
  #base: Uint8Array
  #tail: Uint8Array[] = []
  #byteLength: number
  readonly #stateVector: StateVector
  readonly #deleted = new DeletedRanges()

  /** @throws where the stored bytes cannot be read */
  constructor(stored: Omit<StoredDocument, 'seqs'>) {
    const parts = stored.snapshot ? [stored.snapshot, ...stored.updates] : stored.updates
    this.#base = parts.length > 0 ? mergeUpdates(parts) : EMPTY_UPDATE
    this.#byteLength = this.#base.length
    this.#stateVector = decodeStateVector(encodeStateVectorFromUpdate(this.#base))
    this.#deleted.add(inspectUpdate(this.#base, TRUSTED).deletes)
  }

  /** What the document holds, for a sync step 1. */
  get stateVector(): Uint8Array {
    return encodeStateVector(this.#stateVector)
  }

  /** The bytes kept, which merging may make fewer. */
  get byteLength(): number {
    return this.#byteLength
  }

  /**
   * Takes in an update, whose bytes must not change afterwards.
   *
   * @throws MalformedUpdateError
   */
  apply(received: Uint8Array, { trusted = false }: ApplyOptions = {}): ApplyOutcome {
    const limits = trusted ? TRUSTED : undefined
    let update = received
    let summary = inspectUpdate(update, limits)
    if (overlaps(this.#stateVector, summary)) {
      // An edit that raced a sync step 2 repeats what is known. Yjs clients cannot take such a
      // repeat when they have collected the known part as garbage, so only the news goes on.
      update = diffUpdate(update, this.stateVector)
      summary = inspectUpdate(update, limits)
    }
    if (this.#holds(summary)) return { kind: 'empty' }
    if (advance(this.#stateVector, summary) === 'gap') return { kind: 'gap' }
    this.#deleted.add(summary.deletes)
    this.#tail.push(update)
    this.#byteLength += update.length
    return { kind: 'applied', update }
  }

  /**
   * Whether an update brings nothing. What Yjs deletes by itself, as the value that lost to one set
   * at the same time, is news when a client first lists it: only a Y.Doc could tell.
   */
  #holds({ deletes, ranges }: UpdateSummary): boolean {
    return (
      ranges.every(({ client, to }) => to <= (this.#stateVector.get(client) ?? 0)) &&
      this.#deleted.covers(deletes)
    )
  }

  /**
   * Everything that somebody at this state vector lacks. Deletes cannot be told from it, so all of
   * them are repeated.
   *
   * @throws MalformedStateVectorError
   */
  diff(stateVector: Uint8Array): Uint8Array {
    const known = decodeStateVector(stateVector)
    if (this.#deleted.isEmpty && covers(known, this.#stateVector)) return EMPTY_UPDATE
    if (this.#tail.length > 0) {
      this.#base = mergeUpdates([this.#base, ...this.#tail])
      this.#byteLength = this.#base.length
      this.#tail = []
    }
    return known.size === 0 ? this.#base : diffUpdate(this.#base, stateVector)
  }
}
