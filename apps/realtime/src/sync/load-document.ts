import type { StoredDocument } from '@mindfuse/internal'
import { MalformedUpdateError, UpdateInspection, type UpdateSummary } from '@mindfuse/protocol'
import { type ApplyOutcome, BoardDocument, TRUSTED_INSPECTION } from './board-document.ts'

/** How many bytes are inspected before others get their turn: about 10 ms. */
const TURN_BYTES = 2 * 1024 * 1024
/** The same for small updates, each of which costs more than its bytes. */
const TURN_UPDATES = 5_000

/** The snapshot of a board cannot be read: without it, the board would open without its content. */
export class UnreadableSnapshotError extends Error {
  override name = 'UnreadableSnapshotError'
  readonly code = 'unreadable_snapshot'
}

/** What of a stored document was left out. */
export interface LeftOut {
  /** Numbers of updates that cannot be read. */
  seqs: number[]
  /** Whether the snapshot cannot be read. */
  snapshot: boolean
  /** How many updates build on something that is missing, and found no room to wait for it. */
  dropped: number
}

/**
 * Makes a document of what is stored, in turns, so that a large board stops nobody else's.
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
    const { kind } = takeStored(document, update)
    if (kind === 'unreadable') leftOut.seqs.push(stored.seqs[i] as number)
    else if (kind === 'dropped') leftOut.dropped++
    else if (kind === 'applied') document.release()
  }
  return { document, leftOut }
}

/** What became of a stored update: `held` waits in the document for what it builds on. */
export type StoredOutcome =
  | Exclude<ApplyOutcome, { kind: 'gap' }>
  | { kind: 'held' }
  | { kind: 'dropped' }
  | { kind: 'unreadable' }

/** Takes a stored update into a document. */
export function takeStored(document: BoardDocument, update: Uint8Array): StoredOutcome {
  try {
    const outcome = document.apply(update, { trusted: true })
    if (outcome.kind !== 'gap') return outcome
    return { kind: document.hold(update) ? 'held' : 'dropped' }
  } catch (error) {
    if (error instanceof MalformedUpdateError) return { kind: 'unreadable' }
    throw error
  }
}

async function inspectSnapshot(snapshot: Uint8Array): Promise<UpdateSummary> {
  try {
    const inspection = new UpdateInspection(snapshot, TRUSTED_INSPECTION)
    while (!inspection.advance(TURN_BYTES)) await nextTurn()
    return inspection.summary
  } catch (error) {
    if (!(error instanceof MalformedUpdateError)) throw error
    throw new UnreadableSnapshotError('the snapshot cannot be read', { cause: error })
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
