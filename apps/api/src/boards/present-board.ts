import { createHash } from 'node:crypto'
import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import { etagOf } from '../http/etag.ts'
import { grantsOf, requireBoard, settingsOf } from './access.ts'
import { boardAccess } from './policy.ts'
import type { BoardRow } from './repository.ts'
import type { Board } from './schemas.ts'
import type { ThumbnailAddresses } from './thumbnail-addresses.ts'

/** A board and the version of it that `If-Match` may ask for. */
export interface VersionedBoard {
  board: Board
  version: number
}

/** The ETag of a board: when it was updated and the address of its thumbnail change while its version stays. */
export function etagOfBoard({ board, version }: VersionedBoard): string {
  const { updatedAt, thumbnailUrl } = board
  const digest = createHash('sha256').update(JSON.stringify([updatedAt, thumbnailUrl]))
  return etagOf(version, digest.digest('base64url').slice(0, 12))
}

/** The board as this person sees it. @throws ApiError 404 */
export async function getBoard(
  db: Database,
  addresses: ThumbnailAddresses,
  { userId, boardId }: { userId: string; boardId: string },
): Promise<VersionedBoard> {
  const row = await requireBoard(db, userId, boardId, 'read')
  return { board: presentBoard(row, addresses), version: row.version }
}

/** The board as the user it was read for sees it. */
export function presentBoard(row: BoardRow, addresses: ThumbnailAddresses): Board {
  const access = boardAccess(grantsOf(row), settingsOf(row))
  // It was there when the list was authorized.
  if (!access) throw notFound('board')
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    thumbnailUrl: thumbnailUrlOf(row, addresses),
    viewersCanBroadcast: row.viewers_can_broadcast,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    access,
  }
}

function thumbnailUrlOf(
  { id, thumbnail_digest: digest, thumbnail_url }: BoardRow,
  addresses: ThumbnailAddresses,
): string | null {
  return digest === null ? thumbnail_url : addresses.of({ boardId: id, digest })
}
