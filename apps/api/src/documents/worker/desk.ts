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

/** A document as one update, checked to hold all that went into it. */
export interface EncodedDocument extends SnapshotStats {
  state: Uint8Array
  /** How many updates are in it; the snapshot before it counts as one. */
  applied: number
  /** The numbers of those that it is left without because they build on what is not there, oldest first. */
  waiting: readonly number[]
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
