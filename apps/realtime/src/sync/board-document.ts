import {
  advance,
  decodeStateVector,
  encodeStateVector,
  inspectUpdate,
  type StateVector,
  type StoredDocument,
} from '@mindfuse/protocol'
import { diffUpdate, encodeStateVectorFromUpdate, mergeUpdates } from 'yjs'

/** The update that holds nothing. */
const EMPTY_UPDATE = Uint8Array.of(0, 0)

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
   * @returns `gap` when it builds on something the document lacks, which leaves the document as
   *   it was: the sender has to be asked for everything from {@link stateVector} on
   * @throws MalformedUpdateError
   */
  apply(update: Uint8Array): 'applied' | 'empty' | 'gap' {
    const summary = inspectUpdate(update)
    if (summary.isEmpty) return 'empty'
    if (advance(this.#stateVector, summary) === 'gap') return 'gap'
    this.#tail.push(update)
    return 'applied'
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
