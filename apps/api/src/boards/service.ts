import type { PermissionReply } from '@mindfuse/protocol'
import type { Actor } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import { decodeCursor, type Page, type PageQuery, toPage } from '../http/pagination.ts'
import type { WorkspaceService } from '../workspaces/service.ts'
import { boardAccess, effectiveBoardRole } from './policy.ts'
import * as repository from './repository.ts'
import type { Board } from './schemas.ts'

const LIST_ORDER = '-updatedAt'

/** What people do with boards, and what the gateway asks about them. */
export interface BoardService {
  list(userId: string, workspaceId: string, page: PageQuery): Promise<Page<Board>>
  create(actor: Actor, workspaceId: string, input: { name: string }): Promise<Board>
  get(userId: string, boardId: string): Promise<Board>
  /** Somebody's role on a board. A board that does not exist is one without any access. */
  permission(userId: string, boardId: string): Promise<PermissionReply>
}

/** Boards as rows of Postgres. */
export function createBoardService(deps: {
  db: Database
  transact: Transact
  workspaces: WorkspaceService
}): BoardService {
  const { db, transact, workspaces } = deps

  const get = async (tx: Database, userId: string, boardId: string): Promise<Board> => {
    const row = await repository.findBoard(tx, boardId, userId)
    const board = row && !row.deleted_at ? presentBoard(row) : undefined
    if (!board) throw notFound('board')
    return board
  }

  return {
    async list(userId, workspaceId, { limit, cursor }) {
      const after = decodeCursor(cursor, LIST_ORDER)
      await workspaces.authorize(userId, workspaceId, 'read')
      const rows = await repository.listBoards(db, workspaceId, userId, { limit: limit + 1, after })
      const page = toPage(rows, {
        limit,
        sort: LIST_ORDER,
        position: (row) => ({ after: row.updated_at.toISOString(), id: row.id }),
        present: presentBoard,
      })
      return { ...page, items: page.items.filter((board) => board !== undefined) }
    },

    async create(actor, workspaceId, { name }) {
      await workspaces.authorize(actor.userId, workspaceId, 'createBoards')
      return transact(actor, async (tx, record) => {
        const boardId = await repository.insertBoard(tx, {
          workspaceId,
          name: name.trim(),
          createdBy: actor.userId,
        })
        await record({
          type: 'board.created',
          workspaceId,
          boardId,
          target: { type: 'board', id: boardId },
          changes: { name: name.trim() },
        })
        return get(tx, actor.userId, boardId)
      })
    },

    get: (userId, boardId) => get(db, userId, boardId),

    async permission(userId, boardId) {
      const row = await repository.findBoard(db, boardId, userId)
      if (!row) return { role: null, version: 0 }
      return { role: row.deleted_at ? null : roleOf(row), version: row.access_version }
    },
  }
}

function roleOf(row: repository.BoardRow) {
  return effectiveBoardRole({ workspaceRole: row.workspace_role, boardRole: row.board_role })
}

/** The board as the person sees it, or undefined where they may not see it. */
function presentBoard(row: repository.BoardRow): Board | undefined {
  const role = roleOf(row)
  return role
    ? {
        id: row.id,
        workspaceId: row.workspace_id,
        name: row.name,
        thumbnailUrl: row.thumbnail_url,
        createdBy: row.created_by,
        createdAt: row.created_at.toISOString(),
        updatedAt: row.updated_at.toISOString(),
        access: boardAccess(role),
      }
    : undefined
}
