import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, containing, type KeysetPage, pageOf } from '../db/keyset.ts'
import { ASSETS_OF_BOARD, BYTES_OF_BOARD, STORED_OF_BOARD } from '../quotas/usage.ts'

/** A board without what anyone may do on it. */
export interface AdminBoardRow {
  id: string
  name: string
  workspace_id: string
  workspace_name: string
  created_at: Date
  updated_at: Date
  deleted_at: Date | null
}

/** The same with what is stored of it. */
export interface AdminBoardDetailsRow extends AdminBoardRow {
  seq: number
  storage_bytes: number
  assets: number
  asset_bytes: number
  members: number
  quarantined: number
  damaged_at: Date | null
  build_failure: 'too_costly' | 'too_large' | 'broken' | null
}

/** A page of the boards whose name contains a text, or whose id or workspace's id it is. */
export function listBoards(
  db: Database,
  query: string,
  page: KeysetPage,
): Promise<AdminBoardRow[]> {
  const id = query.toLowerCase()
  const found = db
    .selectFrom('boards')
    .innerJoin('workspaces', 'workspaces.id', 'workspace_id')
    .select([
      ...([
        'boards.id',
        'boards.name',
        'workspace_id',
        'workspaces.name as workspace_name',
      ] as const),
      ...(['boards.created_at', 'boards.updated_at', 'boards.deleted_at'] as const),
    ])
    .where((eb) =>
      eb.or([
        eb('boards.name', 'ilike', containing(query)),
        eb(sql<string>`boards.id::text`, '=', id),
        eb(sql<string>`workspace_id::text`, '=', id),
      ]),
    )
  return pageOf(found, page, byTime('boards.created_at', 'boards.id', 'desc')).execute()
}

/** The workspace of a board, if there is one. */
export async function findWorkspaceOf(db: Database, boardId: string): Promise<string | undefined> {
  const board = await db
    .selectFrom('boards')
    .select('workspace_id')
    .where('id', '=', boardId)
    .executeTakeFirst()
  return board?.workspace_id
}

/** Takes their roles on a board from the users of a product. */
export async function removeAppUsers(tx: Database, boardId: string): Promise<void> {
  await tx
    .deleteFrom('board_members')
    .using('users')
    .whereRef('users.id', '=', 'user_id')
    .where('kind', '=', 'app_user')
    .where('board_id', '=', boardId)
    .execute()
}

/** The board with this id, in the trash or not. Its bytes are not read. */
export async function findBoard(
  db: Database,
  boardId: string,
): Promise<AdminBoardDetailsRow | undefined> {
  const { rows } = await sql<AdminBoardDetailsRow>`
    SELECT b.id, b.name, b.workspace_id, w.name AS workspace_name,
      b.created_at, b.updated_at, b.deleted_at,
      d.damaged_at, d.build_failure, coalesce(d.seq, 0) AS seq,
      coalesce(${BYTES_OF_BOARD}, 0)::bigint AS storage_bytes,
      files.count AS assets, files.bytes AS asset_bytes,
      (SELECT count(*) FROM board_members WHERE board_id = b.id) AS members,
      (SELECT count(*) FROM quarantined_updates WHERE board_id = b.id) AS quarantined
    FROM boards b
    JOIN workspaces w ON w.id = b.workspace_id
    ${STORED_OF_BOARD}
    CROSS JOIN LATERAL (${ASSETS_OF_BOARD}) AS files
    WHERE b.id = ${boardId}`.execute(db)
  return rows[0]
}
