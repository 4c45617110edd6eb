import type { EventType } from '@mindfuse/internal'
import { type Selectable, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Position } from '../db/keyset.ts'
import { comesAfter } from '../db/keyset.ts'
import type { Schema } from '../db/schema.ts'

/** A row of `audit_entries`. */
export type AuditEntryRow = Selectable<Schema['audit_entries']>

/** Which entries somebody wants to see. */
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
  page: { limit: number; after: Position | undefined },
): Promise<AuditEntryRow[]> {
  const columns = {
    column: sql.ref('created_at'),
    id: sql.ref('id'),
    type: 'timestamptz',
  } as const
  return db
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
    .where(comesAfter(page.after, columns, 'desc'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
}
