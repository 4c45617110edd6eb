import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { BadUpdate } from '../worker/document-builder.ts'

/**
 * Moves updates out of a board's tail into quarantine. Call it with the board kept in place, see
 * {@link keepBoard}.
 * @returns the numbers of those that were still there
 */
export async function quarantineUpdates(
  tx: Database,
  boardId: string,
  bad: readonly BadUpdate[],
): Promise<number[]> {
  if (bad.length === 0) return []
  const { rows } = await sql<{ seq: number; bytes: number }>`
    WITH bad AS (
      SELECT * FROM unnest(
        ${bad.map(({ seq }) => seq)}::bigint[],
        ${bad.map(({ reason }) => reason)}::text[]
      ) AS b (seq, reason)
    ), moved AS (
      DELETE FROM board_updates u USING bad
      WHERE u.board_id = ${boardId} AND u.seq = bad.seq
      RETURNING u.seq, u.user_id, u.update, u.created_at, bad.reason
    ), kept AS (
      INSERT INTO quarantined_updates
        (board_id, seq, kind, user_id, update, reason, created_at)
      SELECT ${boardId}, seq, 'update', user_id, update, reason, created_at FROM moved
    )
    SELECT seq, octet_length(update) AS bytes FROM moved ORDER BY seq`.execute(tx)
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  if (bytes > 0) {
    await tx
      .updateTable('board_documents')
      .set((eb) => ({ tail_bytes: eb('tail_bytes', '-', bytes) }))
      .where('board_id', '=', boardId)
      .execute()
  }
  return rows.map(({ seq }) => seq)
}

/**
 * Keeps a copy of a snapshot that cannot be read, and the board from loading: without its snapshot
 * it would look as if almost nothing had ever been on it.
 * @returns false where another snapshot has taken its place, or this was known
 */
export async function quarantineSnapshot(
  tx: Database,
  boardId: string,
  { snapshotSeq, reason }: { snapshotSeq: number; reason: string },
): Promise<boolean> {
  const { rows } = await sql`
    WITH damaged AS (
      UPDATE board_documents SET damaged_at = now()
      WHERE board_id = ${boardId} AND snapshot_seq = ${snapshotSeq}
        AND snapshot IS NOT NULL AND damaged_at IS NULL
      RETURNING board_id, snapshot_seq, snapshot, compacted_at
    )
    INSERT INTO quarantined_updates (board_id, seq, kind, update, reason, created_at)
    SELECT board_id, snapshot_seq, 'snapshot', snapshot, ${reason}, coalesce(compacted_at, now())
    FROM damaged
    ON CONFLICT (board_id, seq, kind)
      DO UPDATE SET update = excluded.update, reason = excluded.reason, quarantined_at = now()
    RETURNING seq`.execute(tx)
  return rows.length > 0
}

/**
 * Keeps a copy of all that is stored of a board. Call it with the board kept in place and its document
 * locked.
 */
export async function quarantineAll(tx: Database, boardId: string, reason: string): Promise<void> {
  await sql`
    INSERT INTO quarantined_updates (board_id, seq, kind, user_id, update, reason, created_at)
    SELECT board_id, snapshot_seq, 'snapshot', NULL, snapshot, ${reason}, coalesce(compacted_at, now())
    FROM board_documents WHERE board_id = ${boardId} AND snapshot IS NOT NULL
    UNION ALL
    SELECT board_id, seq, 'update', user_id, update, ${reason}, created_at
    FROM board_updates WHERE board_id = ${boardId}
    ON CONFLICT (board_id, seq, kind)
      DO UPDATE SET update = excluded.update, reason = excluded.reason, quarantined_at = now()`.execute(
    tx,
  )
}

/** How many parts of a board lie in quarantine. */
export async function countQuarantined(db: Database, boardId: string): Promise<number> {
  const { count } = await db
    .selectFrom('quarantined_updates')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('board_id', '=', boardId)
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Keeps a board from being deleted until the transaction ends. Take this before removing rows of its
 * tail: a delete of the board locks the board before them, and would deadlock.
 */
export async function keepBoard(tx: Database, boardId: string): Promise<void> {
  await tx.selectFrom('boards').select('id').where('id', '=', boardId).forKeyShare().execute()
}
