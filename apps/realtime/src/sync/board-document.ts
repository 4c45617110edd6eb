import {
  advance,
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

/**
 * A board's document as the gateway keeps it: bytes and a state vector, never a Y.Doc. New
 * updates gather in a tail, which is merged into the base when somebody joins.
 */
export class BoardDocument {
  #base: Uint8Array
  #tail: Uint8Array[] = []
  readonly #stateVector: StateVector

  /** @throws where the stored bytes cannot be read */
  constructor(stored: StoredDocument) {
    const parts = stored.snapshot ? [stored.snapshot, ...stored.updates] : stored.updates
    this.#base = parts.length > 0 ? mergeUpdates(parts) : EMPTY_UPDATE
    this.#stateVector = decodeStateVector(encodeStateVectorFromUpdate(this.#base))
  }

  /** What the document holds, for a sync step 1. */
  get stateVector(): Uint8Array {
    return encodeStateVector(this.#stateVector)
  }

  /**
   * Takes in an update, whose bytes must not change afterwards.
   *
   * @throws MalformedUpdateError
   */
  apply(received: Uint8Array): ApplyOutcome {
    let update = received
    let summary = inspectUpdate(update)
    if (overlaps(this.#stateVector, summary)) {
      // An edit that raced a sync step 2 repeats what is known. Yjs clients cannot take such a
      // repeat when they have collected the known part as garbage, so only the news goes on.
      update = diffUpdate(update, this.stateVector)
      summary = inspectUpdate(update)
    }
    if (this.#holds(summary)) return { kind: 'empty' }
    if (advance(this.#stateVector, summary) === 'gap') return { kind: 'gap' }
    this.#tail.push(update)
    return { kind: 'applied', update }
  }

  /** Whether an update brings nothing. Which deletes are known is not kept, so they always count. */
  #holds({ deletes, ranges }: UpdateSummary): boolean {
    return (
      deletes === 0 && ranges.every(({ client, to }) => to <= (this.#stateVector.get(client) ?? 0))
    )
  }

  /**
   * Everything that somebody at this state vector lacks.
   * @throws MalformedStateVectorError
   */
  diff(stateVector: Uint8Array): Uint8Array {
    const known = decodeStateVector(stateVector)
    if (this.#tail.length > 0) {
      this.#base = mergeUpdates([this.#base, ...this.#tail])
      this.#tail = []
    }
    return known.size === 0 ? this.#base : diffUpdate(this.#base, stateVector)
  }
}
