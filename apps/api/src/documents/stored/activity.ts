import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** Activity is kept by steps of this length. */
export const ACTIVITY_STEP_LENGTH = sql`interval '5 minutes'`

/** The beginning of the step that a row of `board_updates` belongs to. */
export const ACTIVITY_STEP = sql`date_bin(${ACTIVITY_STEP_LENGTH}, created_at, timestamptz '2000-01-01')`

/**
 * Drops a board's updates up to a number, but for some, and keeps who made them when. Call it with the
 * board kept in place.
 * @returns how many bytes were dropped
 */
export async function recordActivity(
  tx: Database,
  boardId: string,
  { upTo, except }: { upTo: number; except: readonly number[] },
): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    WITH dropped AS (
      DELETE FROM board_updates
      WHERE board_id = ${boardId} AND seq <= ${upTo} AND seq <> ALL(${[...except]}::bigint[])
      RETURNING user_id, seq, created_at, octet_length(update) AS bytes
    ), kept AS (
      INSERT INTO board_activity AS a
        (board_id, started_at, user_id, updates, bytes, first_seq, last_seq, last_at)
      SELECT ${boardId}, ${ACTIVITY_STEP}, user_id, count(*), sum(bytes), min(seq), max(seq),
        max(created_at)
      FROM dropped GROUP BY 2, 3
      ON CONFLICT (board_id, started_at, user_id) DO UPDATE SET
        updates = a.updates + excluded.updates,
        bytes = a.bytes + excluded.bytes,
        first_seq = least(a.first_seq, excluded.first_seq),
        last_seq = greatest(a.last_seq, excluded.last_seq),
        last_at = greatest(a.last_at, excluded.last_at)
    )
    SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM dropped`.execute(tx)
  return rows[0]?.bytes ?? 0
}
