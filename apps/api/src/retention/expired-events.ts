import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { REMOVAL_BATCH, removeWhere } from './expired-rows.ts'

/** How long changes are kept for clients that reconnect, days. */
export const EVENT_DAYS = 7

/** Most changes that are kept; beyond it, the oldest are removed early. */
export const MAX_EVENTS = 1_000_000

/**
 * Removes changes from the outbox that are published and old, or too many. Strictly the oldest first:
 * a stream that resumes gets the changes it missed one by one if the first of them is still there,
 * because then all later ones are. @returns how many
 */
export function removeExpiredEvents(db: Database): Promise<number> {
  return removeWhere(
    db,
    'events',
    sql`
      SELECT place FROM (
        SELECT ctid AS place, bool_and(
          published_at IS NOT NULL AND (
            created_at < now() - make_interval(days => ${EVENT_DAYS}::int)
            OR seq <= (SELECT max(seq) FROM events) - ${MAX_EVENTS}
          )
        ) OVER (ORDER BY seq) AS has_expired
        FROM (
          SELECT ctid, seq, created_at, published_at FROM events
          WHERE seq IS NOT NULL ORDER BY seq LIMIT ${REMOVAL_BATCH}
        ) AS oldest
      ) AS judged WHERE has_expired`,
  )
}
