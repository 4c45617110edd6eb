import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import { grantsOf, requireBoard, settingsOf } from './access.ts'
import { boardAccess } from './policy.ts'
import type { BoardRow } from './repository.ts'
import type { Board } from './schemas.ts'

/** A board and the version of it that `If-Match` may ask for. */
export interface VersionedBoard {
  board: Board
  version: number
}

/** The board as this person sees it. @throws ApiError 404 */
export async function getBoard(
  db: Database,
  userId: string,
  boardId: string,
): Promise<VersionedBoard> {
  const row = await requireBoard(db, userId, boardId, 'read')
  return { board: presentBoard(row), version: row.version }
}

/** The board as the user it was read for sees it. */
export function presentBoard(row: BoardRow): Board {
  const access = boardAccess(grantsOf(row), settingsOf(row))
  // It was there when the list was authorized.
  if (!access) throw notFound('board')
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    thumbnailUrl: row.thumbnail_url,
    viewersCanBroadcast: row.viewers_can_broadcast,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    access,
  }
}
