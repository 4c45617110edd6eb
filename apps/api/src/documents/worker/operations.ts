import * as Y from 'yjs'
import { type BadUpdate, DocumentBuilder, whyUnreadable } from './document-builder.ts'
import { documentToJson } from './document-json.ts'
import { forwardUpdate } from './forward-update.ts'
import { checkImport, type ImportVerdict } from './import-update.ts'
import { type PackedUpdates, unpackUpdates } from './packed-updates.ts'
import { type SnapshotStats, verifySnapshot } from './verify-snapshot.ts'

/** The documents that operations work on, by name. */
export type Slot = 'present' | 'version'

/** A document as one update, checked to hold all that went into it. */
export interface EncodedDocument extends SnapshotStats {
  state: Uint8Array
  /** How many updates are in it; the snapshot before it counts as one. */
  applied: number
  /** The numbers of those that it is left without because they build on what is not there, oldest first. */
  waiting: readonly number[]
}

/** What is done to documents in a worker thread, where it delays no request. */
export interface DocumentOperations {
  /** Which of these updates cannot be read, whatever document they are for. */
  inspect(updates: PackedUpdates): BadUpdate[]
  /** Adds updates to a document, oldest first. @returns those it is left without */
  add(slot: Slot, updates: PackedUpdates): BadUpdate[]
  /** Pending updates are not in it. @throws Error where the encoding does not hold all the rest */
  encode(slot: Slot): EncodedDocument
  /** The shared types by name, as UTF-8 JSON. */
  json(slot: Slot): Uint8Array
  /** The update that turns the present document's content into the version's; null for none. */
  forward(): Uint8Array | null
  /** Checks an update from outside against the present document. */
  import(update: Uint8Array): ImportVerdict
}

/** Operations on documents that are empty at first. */
export function createDocumentOperations(): DocumentOperations {
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
    encode(slot) {
      const builder = at(slot)
      const state = Y.encodeStateAsUpdate(builder.doc)
      const { updates, waiting } = builder
      return { state, applied: updates.length, waiting, ...verifySnapshot(state, builder) }
    },
    json: (slot) => new TextEncoder().encode(documentToJson(at(slot).doc)),
    forward: () => forwardUpdate({ present: at('present').doc, version: at('version').doc }),
    import: (update) => checkImport(update, at('present').doc),
  }
}
