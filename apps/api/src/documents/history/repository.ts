import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { comesAfter } from '../../db/keyset.ts'
import type { Position } from '../../http/pagination.ts'

/** The steps of time by which activity is kept. */
const STEP = sql`interval '5 minutes'`
const stepOf = sql`date_bin(${STEP}, created_at, timestamptz '2000-01-01')`

/** What somebody did on a board within one step of time. */
export interface ActivityRow {
  started_at: Date
  user_id: string
  updates: number
  bytes: number
  first_seq: number
  last_seq: number
}

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
        (board_id, started_at, user_id, updates, bytes, first_seq, last_seq)
      SELECT ${boardId}, ${stepOf}, user_id, count(*), sum(bytes), min(seq), max(seq)
      FROM dropped GROUP BY 2, 3
      ON CONFLICT (board_id, started_at, user_id) DO UPDATE SET
        updates = a.updates + excluded.updates,
        bytes = a.bytes + excluded.bytes,
        first_seq = least(a.first_seq, excluded.first_seq),
        last_seq = greatest(a.last_seq, excluded.last_seq)
    )
    SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM dropped`.execute(tx)
  return rows[0]?.bytes ?? 0
}

/** A page of who changed a board when, newest first: of updates merged already, and of the tail. */
export async function listActivity(
  db: Database,
  boardId: string,
  page: { limit: number; after: Position | undefined },
): Promise<ActivityRow[]> {
  const isOnPage = comesAfter(
    page.after,
    { column: sql.ref('started_at'), id: sql.ref('user_id'), type: 'timestamptz' },
    'desc',
  )
  const { rows } = await sql<ActivityRow>`
    WITH merged AS (
      SELECT started_at, user_id, updates, bytes, first_seq, last_seq FROM board_activity
      WHERE board_id = ${boardId} AND ${isOnPage}
      ORDER BY started_at DESC, user_id DESC LIMIT ${page.limit}
    ), tail AS (
      SELECT ${stepOf} AS started_at, user_id, 1 AS updates, octet_length(update) AS bytes,
        seq AS first_seq, seq AS last_seq
      FROM board_updates WHERE board_id = ${boardId}
    )
    SELECT started_at, user_id, sum(updates)::int AS updates, sum(bytes)::bigint AS bytes,
      min(first_seq) AS first_seq, max(last_seq) AS last_seq
    FROM (SELECT * FROM merged UNION ALL SELECT * FROM tail WHERE ${isOnPage}) AS activity
    GROUP BY started_at, user_id
    ORDER BY started_at DESC, user_id DESC LIMIT ${page.limit}`.execute(db)
  return rows
}
