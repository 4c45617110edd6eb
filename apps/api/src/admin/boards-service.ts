import type { SharedState } from '@mindfuse/shared-state'
import { notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import * as repository from './boards-repository.ts'
import type { AdminBoard, AdminBoardDetails, SearchQuery } from './schemas.ts'

/** What administrators see of boards: everything but what is on them. */
export interface BoardsService {
  list(query: SearchQuery): Promise<Page<AdminBoard>>
  /** @throws ApiError 404 */
  get(boardId: string): Promise<AdminBoardDetails>
}

/** @param deps.presence where gateways keep who is connected; unknown without */
export function createBoardsService({
  db,
  presence,
}: Pick<Infrastructure, 'db'> & { presence?: SharedState['presence'] }): BoardsService {
  return {
    list: ({ query, ...page }) =>
      listPage(page, {
        ...NEWEST_FIRST,
        read: (keyset) => repository.listBoards(db, query, keyset),
        present,
      }),

    async get(boardId) {
      const row = await repository.findBoard(db, boardId)
      if (!row) throw notFound('board')
      // Unknown while Redis is away, which is no reason to show nothing.
      const connected = await presence?.list(boardId).catch(() => null)
      return {
        ...present(row),
        seq: row.seq,
        storageBytes: row.storage_bytes,
        members: row.members,
        connections: connected?.length ?? null,
        quarantined: row.quarantined,
        damagedAt: row.damaged_at?.toISOString() ?? null,
        buildFailure: row.build_failure,
      }
    },
  }
}

function present(row: repository.AdminBoardRow): AdminBoard {
  return {
    id: row.id,
    name: row.name,
    workspaceId: row.workspace_id,
    workspaceName: row.workspace_name,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    trashedAt: row.deleted_at?.toISOString() ?? null,
  }
}
