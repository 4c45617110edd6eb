import type { StoredDocument } from '@mindfuse/internal'
import { MalformedUpdateError, UpdateInspection, type UpdateSummary } from '@mindfuse/protocol'
import { BoardDocument, SNAPSHOT_INSPECTION, type TrustedOutcome } from './board-document.ts'

/** How many bytes are inspected before the event loop gets a turn: about 10 ms. */
const TURN_BYTES = 2 * 1024 * 1024
/** The same for small updates, which cost more than their bytes. */
const TURN_UPDATES = 5_000

/** The snapshot of a board cannot be read: without it, the board would open without its content. */
export class UnreadableSnapshotError extends Error {
  override name = 'UnreadableSnapshotError'
  readonly code = 'unreadable_snapshot'
}

/** The parts of a stored document that were left out. */
export interface LeftOut {
  /** Sequence numbers of updates that cannot be read. */
  seqs: number[]
  /** Whether the snapshot cannot be read. */
  snapshot: boolean
  /** How many updates with a missing dependency found no room among the pending ones. */
  dropped: number
}

/**
 * Builds a document from what is stored, in several turns of the event loop, so that a large board
 * does not block the others.
 * @throws UnreadableSnapshotError
 */
export async function loadDocument(
  stored: StoredDocument,
): Promise<{ document: BoardDocument; leftOut: LeftOut }> {
  const { snapshot } = stored
  const document = new BoardDocument(
    snapshot ? { update: snapshot, summary: await inspectSnapshot(snapshot) } : undefined,
  )
  const leftOut: LeftOut = { seqs: [], snapshot: false, dropped: 0 }
  let bytes = 0
  for (const [i, update] of stored.updates.entries()) {
    bytes += update.length
    if (bytes > TURN_BYTES || i % TURN_UPDATES === TURN_UPDATES - 1) {
      bytes = 0
      await nextTurn()
    }
    const { kind } = applyStored(document, update)
    if (kind === 'unreadable') leftOut.seqs.push(stored.seqs[i] as number)
    else if (kind === 'dropped') leftOut.dropped++
    else if (kind === 'applied') document.applyPending()
  }
  return { document, leftOut }
}

/** The result of applying a stored update. `pending`: the document keeps it until its gap is filled. */
export type StoredOutcome =
  | Exclude<TrustedOutcome, { kind: 'gap' }>
  | { kind: 'pending' }
  | { kind: 'dropped' }
  | { kind: 'unreadable' }

/** Applies a stored update to a document. */
export function applyStored(document: BoardDocument, update: Uint8Array): StoredOutcome {
  try {
    const outcome = document.apply(update, { trusted: true })
    if (outcome.kind !== 'gap') return outcome
    return { kind: document.addPending(update) ? 'pending' : 'dropped' }
  } catch (error) {
    if (error instanceof MalformedUpdateError) return { kind: 'unreadable' }
    throw error
  }
}

async function inspectSnapshot(snapshot: Uint8Array): Promise<UpdateSummary> {
  try {
    const inspection = new UpdateInspection(snapshot, SNAPSHOT_INSPECTION)
    while (!inspection.advance(TURN_BYTES)) await nextTurn()
    return inspection.summary
  } catch (error) {
    if (!(error instanceof MalformedUpdateError)) throw error
    throw new UnreadableSnapshotError('the snapshot cannot be read', { cause: error })
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
