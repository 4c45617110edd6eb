import * as Y from 'yjs'
import { DocumentBuilder, whyUnreadable } from './document-builder.ts'
import { documentToJson } from './document-json.ts'
import { forwardUpdate } from './forward-update.ts'
import { checkImport } from './import-update.ts'
import { type PackedUpdates, unpackUpdates } from './packed-updates.ts'
import { type SnapshotStats, verifySnapshot } from './verify-snapshot.ts'

/** The documents that can lie on the desk at a time. */
export type Slot = 'present' | 'version'

/** An update that cannot be applied, and what Yjs or the inspection said to it. */
export interface BadUpdate {
  seq: number
  reason: string
}

/** Of the updates added to a document, how many are in it, and which wait for what is not there. */
export interface Tally {
  /** The snapshot counts as one. */
  applied: number
  /** Their numbers, oldest first. */
  waiting: readonly number[]
}

/** A document as one update, checked to hold all that went into it. */
export interface EncodedDocument extends SnapshotStats {
  state: Uint8Array
}

/** What an imported update comes to. */
export type ImportVerdict =
  | { kind: 'bad'; reason: string }
  /** `update` is what the present document lacks of it; null where it lacks nothing. */
  | { kind: 'good'; update: Uint8Array | null }

/** What is done to documents where nobody waits for the event loop: in a worker thread. */
export interface Desk {
  /** Which of these updates cannot be read, whatever document they are for. */
  inspect(updates: PackedUpdates): BadUpdate[]
  /** Adds updates to a document, oldest first. @returns those it is left without */
  add(slot: Slot, updates: PackedUpdates): BadUpdate[]
  /** What became of what was added, and could be read. */
  tally(slot: Slot): Tally
  /** What waits is not in it. @throws Error where the encoding does not hold all the rest */
  encode(slot: Slot): EncodedDocument
  /** The shared types by name, as UTF-8 JSON. */
  json(slot: Slot): Uint8Array
  /** The update that turns the present document's content into the version's; null for none. */
  forward(): Uint8Array | null
  /** Checks an update from outside against the present document. */
  import(update: Uint8Array): ImportVerdict
}

/** An empty desk. */
export function createDesk(): Desk {
  const slots = new Map<Slot, DocumentBuilder>()
  const at = (slot: Slot): DocumentBuilder => {
    const known = slots.get(slot) ?? new DocumentBuilder()
    slots.set(slot, known)
    return known
  }
  return {
    inspect: (updates) =>
      unpackUpdates(updates).flatMap(({ seq, update }) => {
        const reason = whyUnreadable(update)
        return reason === undefined ? [] : [{ seq, reason }]
      }),
    add: (slot, updates) => at(slot).add(unpackUpdates(updates)),
    tally(slot) {
      const { updates, waiting } = at(slot)
      return { applied: updates.length, waiting }
    },
    encode(slot) {
      const builder = at(slot)
      const state = Y.encodeStateAsUpdate(builder.doc)
      return { state, ...verifySnapshot(state, builder) }
    },
    json: (slot) => new TextEncoder().encode(documentToJson(at(slot).doc)),
    forward: () => forwardUpdate({ present: at('present').doc, version: at('version').doc }),
    import: (update) => checkImport(update, at('present').doc),
  }
}
