import {
  advance,
  decodeStateVector,
  inspectUpdate,
  overlaps,
  STORED_INSPECTION,
  type UpdateSummary,
} from '@mindfuse/protocol'
import * as Y from 'yjs'
import { type NumberedUpdate, SNAPSHOT_SEQ } from './packed-updates.ts'

/** Updates that go into one transaction of the document: its end costs more than their middle. */
const BATCH_SIZE = 2_000

/**
 * Structs that go into one transaction, unless a single update has more. Where they hold values that follow
 * each other, Yjs copies a growing array for each at its end: 20,000 take 1.7 GB, 5,000 take 100 MB.
 */
const BATCH_STRUCTS = 5_000

/** An update that cannot be applied, and why. */
export interface BadUpdate {
  seq: number
  reason: string
  /** It makes Yjs throw, in every client that loads it. */
  isPoison?: true
}

/** A pending update, and what its inspection found. */
interface WaitingUpdate extends NumberedUpdate {
  summary: UpdateSummary
}

/**
 * A document built of stored updates, without those that cannot be applied.
 *
 * An update goes in as a whole or not at all, as in a gateway: what builds on something that is not
 * stored waits until it is. Yjs by itself would apply the deletes of an update whose structs wait, so
 * that a value would be gone that the waiting one was to take the place of.
 */
export class DocumentBuilder {
  #doc = new Y.Doc()
  readonly #applied: NumberedUpdate[] = []
  #waiting: WaitingUpdate[] = []
  #batchSize = BATCH_SIZE

  get doc(): Y.Doc {
    return this.#doc
  }

  /** What the document was built of. */
  get updates(): readonly NumberedUpdate[] {
    return this.#applied
  }

  /** The numbers of the updates that build on what is not there, oldest first. */
  get waiting(): readonly number[] {
    return this.#waiting.map(({ seq }) => seq)
  }

  /** Adds updates, oldest first. @returns those that it is left without for good */
  add(updates: readonly NumberedUpdate[]): BadUpdate[] {
    const bad: BadUpdate[] = []
    for (const input of updates) {
      try {
        this.#waiting.push({ ...input, summary: inspectUpdate(input.update, STORED_INSPECTION) })
      } catch (error) {
        bad.push({ seq: input.seq, reason: cannotBeRead(error) })
      }
    }
    for (let isMoving = true; isMoving; ) {
      const before = this.#applied.length
      const failure = this.#applyReady()
      if (failure) bad.push(...this.#beginAnew(failure))
      isMoving = failure !== undefined || this.#applied.length > before
    }
    return bad
  }

  /** Applies what is ready, in one pass over the pending updates: each may be what a later one depends on. */
  #applyReady(): Failure | undefined {
    const stateVector = decodeStateVector(Y.encodeStateVector(this.#doc))
    const waiting = this.#waiting
    const stillWaiting: WaitingUpdate[] = []
    let current: NumberedUpdate | undefined
    const take = (input: WaitingUpdate) => {
      const { seq, update, summary } = input
      const isRepeating = overlaps(stateVector, summary)
      // A snapshot is whole by itself.
      if (advance(stateVector, summary) === 'gap' && seq !== SNAPSHOT_SEQ) {
        stillWaiting.push(input)
        return
      }
      current = input
      this.#applied.push(input)
      // Two gateways may each have stored a part. Yjs cannot take the repeat of what was collected.
      Y.applyUpdate(this.#doc, isRepeating ? newsIn(update, this.#doc) : update)
      current = undefined
    }
    try {
      for (let from = 0; from < waiting.length; ) {
        const batch = batchFrom(waiting, from, this.#batchSize)
        this.#doc.transact(() => batch.forEach(take))
        from += batch.length
      }
    } catch (error) {
      const culprit = current ?? (this.#batchSize === 1 ? this.#applied.at(-1) : undefined)
      return { reason: `cannot be applied: ${(error as Error).message}`, culprit }
    }
    this.#waiting = stillWaiting
    return undefined
  }

  /** Yjs may have done half of what failed: begins anew without the culprit. @returns the culprit */
  #beginAnew({ reason, culprit }: Failure): BadUpdate[] {
    const all = new Map<number, NumberedUpdate>()
    for (const input of [...this.#applied, ...this.#waiting]) all.set(input.seq, input)
    this.#doc = new Y.Doc()
    this.#applied.length = 0
    this.#waiting = []
    // The end of a transaction threw, for one of many: alone each, it shows for which.
    if (culprit) all.delete(culprit.seq)
    else this.#batchSize = 1
    const bad = this.add([...all.values()].sort((a, b) => a.seq - b.seq))
    return culprit ? [{ seq: culprit.seq, reason, isPoison: true }, ...bad] : bad
  }
}

/** The updates of one transaction: at least one. */
function batchFrom(
  waiting: readonly WaitingUpdate[],
  from: number,
  size: number,
): readonly WaitingUpdate[] {
  let to = from
  let structs = 0
  while (to < waiting.length && to < from + size) {
    structs += (waiting[to] as WaitingUpdate).summary.structs
    if (structs > BATCH_STRUCTS && to > from) break
    to++
  }
  return waiting.slice(from, to)
}

/** What an update brings to a document that has some of it. */
const newsIn = (update: Uint8Array, doc: Y.Doc) => Y.diffUpdate(update, Y.encodeStateVector(doc))

interface Failure {
  reason: string
  /** Undefined where it may have been any of a batch. */
  culprit: NumberedUpdate | undefined
}

/** What is wrong with a stored update, or undefined where it reads. */
export function whyUnreadable(update: Uint8Array): string | undefined {
  try {
    inspectUpdate(update, STORED_INSPECTION)
    return undefined
  } catch (error) {
    return cannotBeRead(error)
  }
}

const cannotBeRead = (error: unknown) => `cannot be read: ${(error as Error).message}`
