import { requireBoard } from '../boards/access.ts'
import type { Database } from '../db/database.ts'
import { listPage, type Page } from '../http/pagination.ts'
import { recordedName } from '../users/presenter.ts'
import { type ActivityRow, listActivity } from './repository.ts'
import type { Activity, ActivityQuery } from './schemas.ts'

const LIST_ORDER = '-startedAt'

/** Who changed a board when. */
export interface HistoryService {
  /** Newest first. */
  list(userId: string, boardId: string, query: ActivityQuery): Promise<Page<Activity>>
}

/** History from stored updates, and from `board_activity` of those that are merged. */
export function createHistoryService({ db }: { db: Database }): HistoryService {
  return {
    list: (userId, boardId, query) =>
      listPage(query, {
        sort: LIST_ORDER,
        async read(page) {
          await requireBoard(db, userId, boardId, 'readHistory')
          return listActivity(db, boardId, { ...page, userId: query.userId })
        },
        position: (row) => ({ after: row.started_at.toISOString(), id: row.user_id }),
        present: presentActivity,
      }),
  }
}

function presentActivity(row: ActivityRow): Activity {
  return {
    startedAt: row.started_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    userId: row.person_id,
    name: recordedName(row),
    updates: row.updates,
    bytes: row.bytes,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
  }
}
