import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Position } from '../db/keyset.ts'
import { comesAfter } from '../db/keyset.ts'
import { ACTIVITY_STEP } from '../documents/stored/activity.ts'

/** What somebody did on a board within one step of time. */
export interface ActivityRow {
  started_at: Date
  user_id: string
  updates: number
  bytes: number
  first_seq: number
  last_seq: number
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
      SELECT ${ACTIVITY_STEP} AS started_at, user_id, 1 AS updates, octet_length(update) AS bytes,
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
