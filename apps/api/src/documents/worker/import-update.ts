import { inspectUpdate } from '@mindfuse/protocol'
import * as Y from 'yjs'

/** What an imported update comes to. */
export type ImportVerdict = { kind: 'bad'; reason: string } | { kind: 'good'; isNew: boolean }

/**
 * Whether an update from outside may be stored: it reads, loads into an empty document without
 * waiting for anything, and applies to the present one.
 */
export function checkImport(
  update: Uint8Array,
  present: Y.Doc,
): ImportVerdict & {
  /** What the present document lacks of it, where that is anything. */
  lacking?: Uint8Array
} {
  try {
    inspectUpdate(update, { maxClients: Number.POSITIVE_INFINITY })
    const alone = new Y.Doc()
    Y.applyUpdate(alone, update)
    if (alone.store.pendingStructs || alone.store.pendingDs) {
      return { kind: 'bad', reason: 'it refers to something that it does not hold' }
    }
    // What the board has already is cut off: two contents of one clock would tear it apart.
    const lacking = Y.diffUpdate(update, Y.encodeStateVector(present))
    const before = Y.snapshot(present)
    Y.applyUpdate(present, lacking)
    const isNew = !Y.equalSnapshots(before, Y.snapshot(present))
    return { kind: 'good', isNew, ...(isNew && { lacking }) }
  } catch (error) {
    return { kind: 'bad', reason: (error as Error).message }
  }
}
