import type { BoardRole, DomainEvent, WorkspaceRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { comesAfter } from '../db/keyset.ts'
import type { Position } from '../http/pagination.ts'

/** A board with what one person was given on it. */
export interface BoardRow {
  id: string
  workspace_id: string
  name: string
  thumbnail_url: string | null
  created_by: string | null
  created_at: Date
  updated_at: Date
  deleted_at: Date | null
  version: number
  access_version: number
  workspace_role: WorkspaceRole | null
  board_role: BoardRole | null
}

/** Creates a board with its creator as owner and an empty document. */
export async function insertBoard(
  db: Database,
  board: { workspaceId: string; name: string; createdBy: string },
): Promise<string> {
  const { id } = await db
    .insertInto('boards')
    .values({ workspace_id: board.workspaceId, name: board.name, created_by: board.createdBy })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('board_members')
    .values({ board_id: id, user_id: board.createdBy, role: 'owner' })
    .execute()
  await db.insertInto('board_documents').values({ board_id: id }).execute()
  return id
}

/** The board, also from the trash, with the person's grants, which may be none. */
export function findBoard(
  db: Database,
  boardId: string,
  userId: string,
): Promise<BoardRow | undefined> {
  return boardsSeenBy(db, userId).where('boards.id', '=', boardId).executeTakeFirst()
}

/** A workspace's boards outside the trash, last changed first. */
export function listBoards(
  db: Database,
  workspaceId: string,
  userId: string,
  page: { limit: number; after: Position | undefined },
): Promise<BoardRow[]> {
  const { limit, after } = page
  return boardsSeenBy(db, userId)
    .where('boards.workspace_id', '=', workspaceId)
    .where('boards.deleted_at', 'is', null)
    .where(
      comesAfter(
        after,
        { column: sql.ref('boards.updated_at'), id: sql.ref('boards.id'), type: 'timestamptz' },
        'desc',
      ),
    )
    .orderBy('boards.updated_at', 'desc')
    .orderBy('boards.id', 'desc')
    .limit(limit)
    .execute()
}

function boardsSeenBy(db: Database, userId: string) {
  return db
    .selectFrom('boards')
    .leftJoin('workspace_members', (join) =>
      join
        .onRef('workspace_members.workspace_id', '=', 'boards.workspace_id')
        .on('workspace_members.user_id', '=', userId),
    )
    .leftJoin('board_members', (join) =>
      join
        .onRef('board_members.board_id', '=', 'boards.id')
        .on('board_members.user_id', '=', userId),
    )
    .innerJoin('workspaces', 'workspaces.id', 'boards.workspace_id')
    .where('workspaces.deleted_at', 'is', null)
    .select([
      'boards.id',
      'boards.workspace_id',
      'boards.name',
      'thumbnail_url',
      'created_by',
      'boards.created_at',
      'boards.updated_at',
      'boards.deleted_at',
      'boards.version',
      'access_version',
      'workspace_members.role as workspace_role',
      'board_members.role as board_role',
    ])
}

/**
 * Marks that somebody's access to these boards may be another from now on. The result goes into
 * the `access` of the change that is recorded in the same transaction.
 *
 * @param boards some boards, or all of a workspace
 */
export async function raiseAccessVersions(
  tx: Database,
  boards: { boardIds: string[] } | { workspaceId: string },
): Promise<DomainEvent['access']> {
  const rows = await tx
    .updateTable('boards')
    .set((eb) => ({ access_version: eb('access_version', '+', 1) }))
    .where((eb) =>
      'boardIds' in boards
        ? eb('id', '=', eb.fn.any(eb.val(boards.boardIds)))
        : eb('workspace_id', '=', boards.workspaceId),
    )
    .returning(['id', 'access_version'])
    .execute()
  return rows.map((row) => ({ boardId: row.id, version: row.access_version }))
}
