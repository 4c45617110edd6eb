import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { REMOVAL_BATCH, removeWhere } from './expired-rows.ts'

/** The audit logs: of what people did in workspaces, and of what administrators did. */
export const AUDIT_TABLES = ['audit_entries', 'admin_audit'] as const

/** Removes the oldest entries of an audit log that are older than so many days. @returns how many */
export function removeExpiredAudit(
  db: Database,
  table: (typeof AUDIT_TABLES)[number],
  days: number,
): Promise<number> {
  return removeWhere(
    db,
    table,
    sql`
      SELECT ctid FROM ${sql.table(table)}
      WHERE created_at < now() - make_interval(days => ${days}::int)
      ORDER BY created_at LIMIT ${REMOVAL_BATCH}`,
  )
}
