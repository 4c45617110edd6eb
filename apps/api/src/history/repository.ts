import { type Selectable, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, comesAfter, type KeysetPage } from '../db/keyset.ts'
import type { Schema } from '../db/schema.ts'
import { ACTIVITY_STEP, ACTIVITY_STEP_LENGTH } from '../documents/stored/activity.ts'
import type { PersonRow } from '../users/presenter.ts'

/** What one person did on a board within one step of time. */
export type ActivityRow = Omit<Selectable<Schema['board_activity']>, 'board_id' | 'last_at'> &
  PersonRow & {
    last_at: Date
    /** Who it was: the person that a guest turned out to be. */
    person_id: string
  }

/**
 * A page of who changed a board when, newest first: of updates merged already, and of the tail. With `userId` what they
 * did alone, also as a guest.
 */
export async function listActivity(
  db: Database,
  boardId: string,
  page: KeysetPage & { userId?: string | undefined },
): Promise<ActivityRow[]> {
  const isOnPage = comesAfter(page.after, byTime('started_at', 'user_id', 'desc'))
  const isTheirs =
    page.userId === undefined
      ? sql`true`
      : sql`(user_id = ${page.userId} OR user_id IN (SELECT id FROM users WHERE merged_into = ${page.userId}))`
  const { rows } = await sql<ActivityRow>`
    WITH merged AS (
      SELECT started_at, user_id, updates, bytes, first_seq, last_seq,
        coalesce(last_at, started_at + ${ACTIVITY_STEP_LENGTH}) AS last_at
      FROM board_activity
      WHERE board_id = ${boardId} AND ${isTheirs} AND ${isOnPage}
      ORDER BY started_at DESC, user_id DESC LIMIT ${page.limit}
    ), tail AS (
      SELECT ${ACTIVITY_STEP} AS started_at, user_id, 1 AS updates, octet_length(update) AS bytes,
        seq AS first_seq, seq AS last_seq, created_at AS last_at
      FROM board_updates WHERE board_id = ${boardId} AND ${isTheirs}
    )
    SELECT activity.*, coalesce(users.merged_into, user_id) AS person_id,
      person.id AS known_id, person.name, person.email
    FROM (
      SELECT started_at, user_id, sum(updates)::int AS updates, sum(bytes)::bigint AS bytes,
        min(first_seq) AS first_seq, max(last_seq) AS last_seq, max(last_at) AS last_at
      FROM (SELECT * FROM merged UNION ALL SELECT * FROM tail WHERE ${isOnPage}) AS parts
      GROUP BY started_at, user_id
      ORDER BY started_at DESC, user_id DESC LIMIT ${page.limit}
    ) AS activity
    LEFT JOIN users ON users.id = user_id
    LEFT JOIN users AS person ON person.id = coalesce(users.merged_into, user_id)
    ORDER BY started_at DESC, user_id DESC`.execute(db)
  return rows
}
