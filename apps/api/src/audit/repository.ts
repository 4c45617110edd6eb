import type { EventType } from '@mindfuse/internal'
import type { Selectable } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import type { Schema } from '../db/schema.ts'
import type { PersonRow } from '../users/presenter.ts'

/** A row of `audit_entries`, and what its actor is called by: nothing once their account is deleted. */
export type AuditEntryRow = Selectable<Schema['audit_entries']> & PersonRow

/** Which entries are asked for. */
export interface AuditFilter {
  actorId: string | undefined
  action: EventType | undefined
  /** The first moment that counts. */
  from: Date | undefined
  /** The first moment that does not. */
  to: Date | undefined
}

/** A page of what was done in a workspace, newest first. */
export function listAuditEntries(
  db: Database,
  workspaceId: string,
  { actorId, action, from, to }: AuditFilter,
  page: KeysetPage,
): Promise<AuditEntryRow[]> {
  const entries = db
    .selectFrom('audit_entries as entry')
    .leftJoin('users', 'users.id', 'entry.actor_id')
    .selectAll('entry')
    .select(['users.id as known_id', 'users.name', 'users.email'])
    .where((eb) =>
      eb.and([
        eb('entry.workspace_id', '=', workspaceId),
        ...(actorId ? [eb('entry.actor_id', '=', actorId)] : []),
        ...(action ? [eb('entry.action', '=', action)] : []),
        ...(from ? [eb('entry.created_at', '>=', from)] : []),
        ...(to ? [eb('entry.created_at', '<', to)] : []),
      ]),
    )
  return pageOf(entries, page, byTime('entry.created_at', 'entry.id', 'desc')).execute()
}
