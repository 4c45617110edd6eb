import { inspectUpdate } from '@mindfuse/protocol'
import * as Y from 'yjs'
import type { BadUpdate } from './desk.ts'
import type { NumberedUpdate } from './packed-updates.ts'
import { settlePending } from './settle-pending.ts'

/** Updates that go into one transaction of the document: its end costs more than their middle. */
const BATCH_SIZE = 2_000

/** A document built of stored updates, without those that cannot be applied. */
export class DocumentBuilder {
  #doc = new Y.Doc()
  readonly #good: NumberedUpdate[] = []
  #applied = 0
  #batchSize = BATCH_SIZE

  get doc(): Y.Doc {
    return this.#doc
  }

  /** What the document was built of, oldest first. */
  get updates(): readonly NumberedUpdate[] {
    return this.#good
  }

  /** Adds updates, oldest first. @returns those that it is left without */
  add(updates: readonly NumberedUpdate[]): BadUpdate[] {
    const bad: BadUpdate[] = []
    for (const input of updates) {
      const reason = whyUnreadable(input.update)
      if (reason === undefined) this.#good.push(input)
      else bad.push({ seq: input.seq, reason })
    }
    while (this.#applied < this.#good.length) {
      const batch = this.#good.slice(this.#applied, this.#applied + this.#batchSize)
      const failure = applyAll(this.#doc, batch)
      if (!failure) {
        this.#applied += batch.length
        continue
      }
      // Yjs may have done half of it: begin anew with what came before.
      this.#doc = new Y.Doc()
      this.#applied = 0
      if (failure.culprit) {
        this.#good.splice(this.#good.indexOf(failure.culprit), 1)
        bad.push({ seq: failure.culprit.seq, reason: failure.reason })
      } else {
        // The end of the transaction threw, for one of many: alone each, it shows for which.
        this.#batchSize = 1
      }
    }
    return bad
  }
}

interface Failure {
  reason: string
  /** Undefined where it may have been any of the batch. */
  culprit: NumberedUpdate | undefined
}

function applyAll(doc: Y.Doc, batch: readonly NumberedUpdate[]): Failure | undefined {
  let current: NumberedUpdate | undefined
  try {
    doc.transact(() => {
      for (const input of batch) {
        current = input
        Y.applyUpdate(doc, input.update)
      }
      current = undefined
    })
    settlePending(doc)
    return undefined
  } catch (error) {
    const culprit = current ?? (batch.length === 1 ? batch[0] : undefined)
    return { reason: `cannot be applied: ${(error as Error).message}`, culprit }
  }
}

/**
 * What is wrong with an update, or undefined where it reads. Stored boards may hold more clients
 * than one peer may bring.
 */
export function whyUnreadable(update: Uint8Array): string | undefined {
  try {
    inspectUpdate(update, { maxClients: Number.POSITIVE_INFINITY })
    return undefined
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`
  }
}
