import { createHash } from 'node:crypto'
import type { AssetPlace } from '../assets/repository.ts'
import type { Signed } from '../assets/signed-addresses.ts'
import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import { type BoardRow, clearThumbnailUrl } from '../boards/repository.ts'
import type { ThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import {
  findThumbnail,
  putThumbnail,
  removeThumbnail,
  type Thumbnail,
} from '../boards/thumbnail-repository.ts'
import type { Actor } from '../changes/actor.ts'
import type { Change } from '../changes/record.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { readPicture } from './read-picture.ts'
import { MAX_THUMBNAIL_PIXELS } from './schemas.ts'

/** Pictures of boards, as their editors saw them last. */
export interface ThumbnailService {
  /** @throws ApiError 415 for what is no picture that we take, 422 for one of too many pixels */
  set(actor: Actor, boardId: string, bytes: Buffer): Promise<void>
  /** Leaves the board without a picture. */
  remove(actor: Actor, boardId: string): Promise<void>
  /** The thumbnail, for a user who may read the board. @throws ApiError 404 */
  find(userId: string, boardId: string): Promise<Thumbnail>
  /**
   * The newest thumbnail of the board, for anyone who has the signed address of this or an older one.
   * @throws ApiError 403 where that is invalid or over, 404
   */
  findSigned(place: AssetPlace, signed: Signed): Promise<Thumbnail>
}

/** Thumbnails as rows of PostgreSQL. */
export function createThumbnailService({
  db,
  transact,
  addresses,
}: Pick<Infrastructure, 'db' | 'transact'> & {
  addresses: ThumbnailAddresses
}): ThumbnailService {
  return {
    set(actor, boardId, bytes) {
      const thumbnail = readThumbnail(bytes)
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'setThumbnail')
        if (board.thumbnail_digest === thumbnail.digest) return
        if (board.thumbnail_url !== null) await clearThumbnailUrl(tx, boardId)
        if (await putThumbnail(tx, boardId, thumbnail)) await record(newPictureOf(board))
      })
    },

    remove: (actor, boardId) =>
      transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'setThumbnail')
        if (board.thumbnail_digest === null && board.thumbnail_url === null) return
        await clearThumbnailUrl(tx, boardId)
        await removeThumbnail(tx, boardId)
        await record(newPictureOf(board))
      }),

    async find(userId, boardId) {
      await requireBoard(db, userId, boardId, 'read')
      return found(await findThumbnail(db, boardId))
    },

    async findSigned(place, signed) {
      addresses.check(place, signed)
      return found(await findThumbnail(db, place.boardId))
    },
  }
}

/** Lists that are open show it. No version of the board, and nothing that an audit asks for. */
function newPictureOf({ id, workspace_id }: BoardRow): Change {
  return {
    type: 'board.updated',
    workspaceId: workspace_id,
    boardId: id,
    target: { type: 'board', id },
    isUnaudited: true,
  }
}

function readThumbnail(bytes: Buffer): Thumbnail {
  const picture = readPicture(bytes)
  if (!picture) {
    throw new ApiError(415, 'unsupported_file_type', 'A thumbnail is a PNG or a WebP picture')
  }
  if (Math.max(picture.width, picture.height) > MAX_THUMBNAIL_PIXELS) {
    const detail = `A thumbnail has at most ${MAX_THUMBNAIL_PIXELS} pixels on each side`
    throw new ApiError(422, 'too_many_pixels', detail)
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { digest, contentType: picture.type, bytes }
}

function found(thumbnail: Thumbnail | undefined): Thumbnail {
  if (!thumbnail) throw notFound('thumbnail')
  return thumbnail
}
