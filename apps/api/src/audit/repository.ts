import type { EventType } from '@mindfuse/internal'
import type { Selectable } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import type { Schema } from '../db/schema.ts'

/** A row of `audit_entries`. */
export type AuditEntryRow = Selectable<Schema['audit_entries']>

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
    .selectFrom('audit_entries')
    .selectAll()
    .where((eb) =>
      eb.and([
        eb('workspace_id', '=', workspaceId),
        ...(actorId ? [eb('actor_id', '=', actorId)] : []),
        ...(action ? [eb('action', '=', action)] : []),
        ...(from ? [eb('created_at', '>=', from)] : []),
        ...(to ? [eb('created_at', '<', to)] : []),
      ]),
    )
  return pageOf(entries, page, byTime('created_at', 'id', 'desc')).execute()
}
