import { sql } from 'kysely'
import { toDigest } from '../assets/repository.ts'
import type { Database } from '../db/database.ts'

/** How often lists that are open are sent a new thumbnail of one board at most. */
const ANNOUNCED_EVERY = sql`interval '1 minute'`

/** A picture of a board. */
export interface Thumbnail {
  /** SHA-256, in hexadecimal digits. */
  digest: string
  contentType: string
  bytes: Buffer
}

/** The thumbnail that a board has, in the trash or not. */
export async function findThumbnail(db: Database, boardId: string): Promise<Thumbnail | undefined> {
  const { rows } = await sql<Thumbnail>`
    SELECT encode(digest, 'hex') AS digest, content_type AS "contentType", bytes
    FROM board_thumbnails
    JOIN boards ON boards.id = board_id
    JOIN workspaces ON workspaces.id = workspace_id
    WHERE board_id = ${boardId} AND workspaces.deleted_at IS NULL`.execute(db)
  return rows[0]
}

/** Gives a board this thumbnail. @returns whether open lists are to be sent it */
export async function putThumbnail(
  tx: Database,
  boardId: string,
  { digest, contentType, bytes }: Thumbnail,
): Promise<boolean> {
  const { rows } = await sql<{ isDue: boolean }>`
    INSERT INTO board_thumbnails AS known (board_id, digest, content_type, bytes)
    VALUES (${boardId}, ${toDigest(digest)}, ${contentType}, ${bytes})
    ON CONFLICT (board_id) DO UPDATE SET
      digest = excluded.digest, content_type = excluded.content_type, bytes = excluded.bytes,
      announced_at = CASE WHEN known.announced_at < now() - ${ANNOUNCED_EVERY}
        THEN now() ELSE known.announced_at END
    RETURNING announced_at = now() AS "isDue"`.execute(tx)
  return rows[0]?.isDue ?? false
}

/** Takes the thumbnail off a board that has one. */
export async function removeThumbnail(tx: Database, boardId: string): Promise<void> {
  await tx.deleteFrom('board_thumbnails').where('board_id', '=', boardId).execute()
}

/** Gives a new board the thumbnail that another has. */
export async function copyThumbnail(
  tx: Database,
  copy: { from: string; to: string },
): Promise<void> {
  await sql`
    INSERT INTO board_thumbnails (board_id, digest, content_type, bytes)
    SELECT ${copy.to}, digest, content_type, bytes
    FROM board_thumbnails WHERE board_id = ${copy.from}`.execute(tx)
}
