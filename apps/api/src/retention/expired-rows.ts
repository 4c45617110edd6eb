import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** Keys of the advisory locks under which rows of a table are removed ("mfrt", its name). */
const RETENTION_LOCK = 0x6d667274

/** Most rows that one transaction removes: a larger one would hold locks and bloat for long. */
export const REMOVAL_BATCH = 500

/** The tables, and which of their rows have expired. */
const EXPIRED = {
  // No invite lives longer, see `MAX_LIFETIME_SECONDS`; links may.
  access_reductions: sql`reduced_at < now() - interval '31 days' AND NOT EXISTS (
    SELECT FROM board_links l JOIN boards b ON b.id = l.board_id
    WHERE b.workspace_id = access_reductions.workspace_id
      AND b.id = coalesce(access_reductions.board_id, b.id)
      AND l.created_at <= reduced_at AND l.revoked_at IS NULL
      AND (l.expires_at IS NULL OR l.expires_at > now()))`,
  // Until then its link says that it has expired; after that there is no such invite.
  board_invites: sql`expires_at < now() - interval '30 days'`,
  board_links: sql`least(expires_at, revoked_at) < now() - interval '30 days'`,
  idempotency_keys: sql`created_at < now() - interval '24 hours'`,
  pending_memberships: sql`expires_at < now()`,
  session_retired_tokens: sql`retired_at < now() - interval '24 hours'`,
  // Those that an operator ended; others are deleted at once. What keys minted is much, and ends soon.
  sessions: sql`least(expires_at, revoked_at) < now() - interval '24 hours'
    OR (parent_id IS NOT NULL AND expires_at < now())`,
  // Guests who cannot come back. What they drew stays, under an id that no longer names anyone.
  users: sql`kind = 'guest' AND merged_into IS NULL
    AND NOT EXISTS (SELECT FROM sessions WHERE user_id = users.id)`,
  // Its boards leave the trash first, which restoring them would need it for.
  workspaces: sql`deleted_at < now() - interval '30 days'
    AND NOT EXISTS (SELECT FROM boards WHERE workspace_id = workspaces.id)`,
} as const

/** Tables of which rows expire. */
export const EXPIRING_TABLES = Object.keys(EXPIRED) as (keyof typeof EXPIRED)[]

/**
 * Removes up to {@link REMOVAL_BATCH} rows that have expired.
 * @returns how many; 0 while another instance is at this table, which then goes on with it
 */
export function removeExpired(db: Database, table: keyof typeof EXPIRED): Promise<number> {
  return removeWhere(
    db,
    table,
    sql`SELECT ctid FROM ${sql.table(table)} WHERE ${EXPIRED[table]} LIMIT ${REMOVAL_BATCH}`,
  )
}

/**
 * Removes the rows of a table that a query names by their `ctid`.
 * @returns how many; 0 while another instance is at this table
 */
export function removeWhere(
  db: Database,
  table: string,
  selection: RawBuilder<unknown>,
): Promise<number> {
  // One lock for all tables, and two instances at different ones would send each other away.
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ locked: boolean }>`
      SELECT pg_try_advisory_xact_lock(${RETENTION_LOCK}, hashtext(${table})) AS locked`.execute(tx)
    if (!rows[0]?.locked) return 0
    const { numAffectedRows = 0n } = await sql`
      DELETE FROM ${sql.table(table)} WHERE ctid = ANY(ARRAY(${selection}))`.execute(tx)
    return Number(numAffectedRows)
  })
}
