import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { REMOVAL_BATCH, removeWhere } from './expired-rows.ts'

/** Removes the oldest entries of the audit log that are older than so many days. @returns how many */
export function removeExpiredAudit(db: Database, days: number): Promise<number> {
  return removeWhere(
    db,
    'audit_entries',
    sql`
      SELECT ctid FROM audit_entries
      WHERE created_at < now() - make_interval(days => ${days}::int)
      ORDER BY created_at LIMIT ${REMOVAL_BATCH}`,
  )
}
