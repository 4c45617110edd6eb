import type { Selectable } from 'kysely'
import { byTime, pageOf } from '../db/keyset.ts'
import type { Schema } from '../db/schema.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import type { AdminAuditEntry } from './schemas.ts'

/** What administrators did, newest first. */
export interface AdminAuditService {
  list(page: PageQuery): Promise<Page<AdminAuditEntry>>
}

/** The audit of administration, written by `acts.ts`. */
export function createAdminAuditService({ db }: Pick<Infrastructure, 'db'>): AdminAuditService {
  return {
    list: (query) =>
      listPage(query, {
        ...NEWEST_FIRST,
        read: (page) =>
          pageOf(
            db.selectFrom('admin_audit').selectAll(),
            page,
            byTime('created_at', 'id', 'desc'),
          ).execute(),
        present,
      }),
  }
}

function present(row: Selectable<Schema['admin_audit']>): AdminAuditEntry {
  return {
    id: row.id,
    actor: row.actor,
    action: row.action,
    targetType: row.target_type,
    targetId: row.target_id,
    reason: row.reason,
    changes: row.changes,
    requestId: row.request_id,
    createdAt: row.created_at.toISOString(),
  }
}
