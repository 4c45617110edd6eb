import {
  covers,
  DeletedRanges,
  inspectUpdate,
  leavesGap,
  STORED_INSPECTION,
  type UpdateSummary,
} from '@mindfuse/protocol'
import * as Y from 'yjs'
import type { DocumentBuilder } from './document-builder.ts'

/** Statistics of a snapshot. */
export interface SnapshotStats {
  /** Of all that was ever inserted, the part that is deleted: 0 to 1. */
  tombstoneShare: number
}

/**
 * Proves that a snapshot may take the place of the updates it was made of: it loads into an empty
 * document that equals the one it came from, it has no gap, and every clock and
 * every delete that any of the updates names is in it.
 *
 * @throws Error where something is missing; the updates must stay then
 */
export function verifySnapshot(
  state: Uint8Array,
  { doc, updates }: Pick<DocumentBuilder, 'doc' | 'updates'>,
): SnapshotStats {
  const reloaded = new Y.Doc()
  Y.applyUpdate(reloaded, state)
  const content = Y.snapshot(doc)
  if (!Y.equalSnapshots(content, Y.snapshot(reloaded))) {
    throw new Error('the snapshot does not load as the document it was made of')
  }
  const snapshot = inspectUpdate(state, STORED_INSPECTION)
  if (leavesGap(new Map(), snapshot)) throw new Error('the snapshot has a gap')
  const ends = endsOf(snapshot)
  const deleted = new DeletedRanges()
  deleted.add(snapshot.deletes)
  for (const { seq, update } of updates) {
    const summary = inspectUpdate(update, STORED_INSPECTION)
    if (!covers(ends, endsOf(summary))) throw new Error(`the snapshot lacks structs of ${seq}`)
    if (!deleted.covers(summary.deletes)) throw new Error(`the snapshot lacks deletes of ${seq}`)
  }
  return { tombstoneShare: tombstoneShareOf(content) }
}

/** Of each client with structs the clock after the last. */
const endsOf = ({ ranges }: UpdateSummary) => new Map(ranges.map(({ client, to }) => [client, to]))

function tombstoneShareOf({ ds, sv }: Y.Snapshot): number {
  const total = [...sv.values()].reduce((sum, clock) => sum + clock, 0)
  const deleted = [...ds.clients.values()].flat().reduce((sum, { len }) => sum + len, 0)
  return total === 0 ? 0 : deleted / total
}
