import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page } from '../http/pagination.ts'
import { recordedName } from '../users/presenter.ts'
import { requireWorkspace } from '../workspaces/access.ts'
import { canInWorkspace } from '../workspaces/policy.ts'
import { type AuditEntryRow, listAuditEntries } from './repository.ts'
import type { AuditEntry, AuditQuery } from './schemas.ts'

/** What was done in a workspace. */
export interface AuditService {
  list(userId: string, workspaceId: string, query: AuditQuery): Promise<Page<AuditEntry>>
}

/** The audit as rows of Postgres, written by `changes/record.ts`. */
export function createAuditService({ db }: { db: Database }): AuditService {
  return {
    async list(userId, workspaceId, { actorId, action, from, to, ...page }) {
      const filter = { actorId, action, from: timeOf('from', from), to: timeOf('to', to) }
      let withOrigins = false
      return listPage(page, {
        ...NEWEST_FIRST,
        async read(page) {
          const { role } = await requireWorkspace(db, userId, workspaceId, 'readAudit')
          withOrigins = canInWorkspace(role, 'readAuditOrigins')
          return listAuditEntries(db, workspaceId, filter, page)
        },
        present: (row) => presentAuditEntry(row, { withOrigins }),
      })
    },
  }
}

/** @throws ApiError 400 for a time that the format allows and no calendar has: a leap second */
function timeOf(parameter: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new ApiError(400, 'validation_failed', 'The request does not fit the schema', {
    errors: [{ pointer: `/query/${parameter}`, message: 'is not a time' }],
  })
}

function presentAuditEntry(
  row: AuditEntryRow,
  { withOrigins }: { withOrigins: boolean },
): AuditEntry {
  return {
    id: row.id,
    action: row.action,
    actorId: row.actor_id,
    actorName: recordedName(row),
    targetType: row.target_type,
    targetId: row.target_id,
    changes: row.changes,
    ip: withOrigins ? row.ip : null,
    userAgent: withOrigins ? row.user_agent : null,
    requestId: row.request_id,
    createdAt: row.created_at.toISOString(),
  }
}
