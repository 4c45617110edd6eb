import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { toBuffer } from '../../db/to-buffer.ts'
import { keepBoard, quarantineUpdates } from '../quarantine/repository.ts'
import { recordActivity } from '../stored/activity.ts'
import { COMPACT_AFTER_BYTES, COMPACT_AFTER_UPDATES } from '../stored/repository.ts'
import type { BadUpdate } from '../worker/document-builder.ts'
import { DocumentsBusyError } from '../worker/errors.ts'
import type { EncodedStats } from '../worker/operations.ts'
import { release } from './queue.ts'

/** What a compaction puts in the place of what it read. */
export interface Replacement {
  boardId: string
  /** The snapshot that was read, by the number of its newest update. */
  from: number
  /** The newest update that the new snapshot holds. */
  to: number
  state: Uint8Array
  encoded: Pick<EncodedStats, 'waiting' | 'tombstoneShare'>
  /** Updates that it does not hold because they cannot be applied. */
  bad: readonly BadUpdate[]
}

/** Another snapshot took the place of the one that was read; the transaction is rolled back. */
export class LostRaceError extends DocumentsBusyError {
  constructor() {
    super('The document was merged meanwhile; try again later')
  }
}

/**
 * Puts a snapshot in the place of the updates it was made of, in one transaction: bad updates go
 * into quarantine, who changed the board when goes into `board_activity`, the updates go. Pending
 * ones get the next numbers of the board, as if they came only now.
 *
 * The document's row comes late, since its lock keeps all others from appending.
 *
 * @returns the numbers that went into quarantine
 * @throws LostRaceError
 */
export async function replaceSnapshot(
  tx: Database,
  { boardId, from, to, state, encoded, bad }: Replacement,
): Promise<number[]> {
  const { waiting } = encoded
  await keepBoard(tx, boardId)
  const quarantined = await quarantineUpdates(tx, boardId, bad)
  const droppedBytes = await recordActivity(tx, boardId, { upTo: to, except: waiting })
  const document = await tx
    .updateTable('board_documents')
    .set((eb) => ({
      snapshot: toBuffer(state),
      snapshot_seq: to,
      seq: eb('seq', '+', waiting.length),
      tail_bytes: eb('tail_bytes', '-', droppedBytes),
      tombstone_share: encoded.tombstoneShare,
      compacted_at: sql<Date>`now()`,
      damaged_at: null,
      build_failure: null,
      build_failed_seq: null,
      build_failed_at: null,
    }))
    .where('board_id', '=', boardId)
    .where('snapshot_seq', '=', from)
    .where('seq', '>=', to)
    .returning(['seq', 'tail_bytes'])
    .executeTakeFirst()
  if (!document) throw new LostRaceError()
  const movedBytes = await moveToEnd(tx, boardId, { waiting, lastSeq: document.seq })
  const isLong =
    document.seq - waiting.length - to >= COMPACT_AFTER_UPDATES ||
    document.tail_bytes - movedBytes >= COMPACT_AFTER_BYTES
  await release(tx, boardId, isLong)
  return quarantined
}

/** All of the tail is pending: the next update queues a merge again, and not at once. */
export async function leaveAsItIs(tx: Database, boardId: string): Promise<void> {
  await tx
    .updateTable('board_documents')
    .set({ compacted_at: sql<Date>`now()` })
    .where('board_id', '=', boardId)
    .execute()
  await release(tx, boardId, false)
}

/** Gives updates the last numbers of their board, in their order. @returns how many bytes they are */
async function moveToEnd(
  tx: Database,
  boardId: string,
  { waiting, lastSeq }: { waiting: readonly number[]; lastSeq: number },
): Promise<number> {
  if (waiting.length === 0) return 0
  const { rows } = await sql<{ bytes: number }>`
    UPDATE board_updates u SET seq = ${lastSeq - waiting.length}::bigint + w.place
    FROM unnest(${[...waiting]}::bigint[]) WITH ORDINALITY AS w (seq, place)
    WHERE u.board_id = ${boardId} AND u.seq = w.seq
    RETURNING octet_length(u.update) AS bytes`.execute(tx)
  return rows.reduce((sum, { bytes }) => sum + bytes, 0)
}
