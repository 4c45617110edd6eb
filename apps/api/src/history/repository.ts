import { type Selectable, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, comesAfter, type KeysetPage } from '../db/keyset.ts'
import type { Schema } from '../db/schema.ts'
import { ACTIVITY_STEP } from '../documents/stored/activity.ts'

/** What one person did on a board within one step of time. */
export type ActivityRow = Omit<Selectable<Schema['board_activity']>, 'board_id'> & {
  /** The person that a guest turned out to be. */
  merged_into: string | null
}

/** A page of who changed a board when, newest first: of updates merged already, and of the tail. */
export async function listActivity(
  db: Database,
  boardId: string,
  page: KeysetPage,
): Promise<ActivityRow[]> {
  const isOnPage = comesAfter(page.after, byTime('started_at', 'user_id', 'desc'))
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
      min(first_seq) AS first_seq, max(last_seq) AS last_seq,
      (SELECT merged_into FROM users WHERE id = user_id)
    FROM (SELECT * FROM merged UNION ALL SELECT * FROM tail WHERE ${isOnPage}) AS activity
    GROUP BY started_at, user_id
    ORDER BY started_at DESC, user_id DESC LIMIT ${page.limit}`.execute(db)
  return rows
}
