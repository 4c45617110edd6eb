import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { AssetKey } from './store/asset-store.ts'

/** A file of a board, and what the store has it as. */
export interface BoardAsset {
  id: string
  bytes: number
  contentType: string
}

/** Which file of which board. */
export interface AssetPlace {
  boardId: string
  /** SHA-256, 64 lower-case hexadecimal digits. */
  digest: string
}

/** A digest as rows have it. */
export function toDigest(digest: string): Buffer {
  return Buffer.from(digest, 'hex')
}

const assetAt = (db: Database, { boardId, digest }: AssetPlace) =>
  db
    .selectFrom('board_assets')
    .innerJoin('assets', 'assets.id', 'asset_id')
    .select(['assets.id', 'bytes', 'content_type as contentType'])
    .where('board_id', '=', boardId)
    .where('board_assets.digest', '=', toDigest(digest))

/** A file, if the board has it. */
export function findAsset(db: Database, place: AssetPlace): Promise<BoardAsset | undefined> {
  return assetAt(db, place).executeTakeFirst()
}

/** A file, if the board has it and is not in the trash. */
export function findLiveAsset(db: Database, place: AssetPlace): Promise<BoardAsset | undefined> {
  return assetAt(db, place)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('boards')
          .innerJoin('workspaces', 'workspaces.id', 'boards.workspace_id')
          .select('boards.id')
          .where('boards.id', '=', place.boardId)
          .where('boards.deleted_at', 'is', null)
          .where('workspaces.deleted_at', 'is', null),
      ),
    )
    .executeTakeFirst()
}

/** Which of these files a board has. */
export async function findDigests(
  db: Database,
  boardId: string,
  digests: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('board_assets')
    .select('digest')
    .where('board_id', '=', boardId)
    .where((eb) => eb('digest', '=', eb.fn.any(eb.val(digests.map(toDigest)))))
    .execute()
  return rows.map(({ digest }) => digest.toString('hex'))
}

/**
 * Restarts the time after which an unnamed file is removed, for a caller that is about to name it.
 * @returns the file; undefined where the board does not have it
 */
export async function keepAsset(db: Database, place: AssetPlace): Promise<BoardAsset | undefined> {
  const kept = await db
    .updateTable('board_assets')
    .set((eb) => ({
      unnamed_since: eb.case().when('unnamed_since', 'is not', null).then(sql<Date>`now()`).end(),
    }))
    .where('board_id', '=', place.boardId)
    .where('digest', '=', toDigest(place.digest))
    .executeTakeFirst()
  return kept.numUpdatedRows > 0n ? findAsset(db, place) : undefined
}

/**
 * Writes down that the store has bytes. Where it has the same already for this workspace, the row says as what;
 * it stays locked, so that the bytes are not removed before `tx` ends.
 */
export async function insertAsset(
  tx: Database,
  asset: AssetKey & { workspaceId: string; bytes: number; contentType: string },
): Promise<BoardAsset> {
  return tx
    .insertInto('assets')
    .values({
      id: asset.id,
      workspace_id: asset.workspaceId,
      digest: toDigest(asset.digest),
      bytes: asset.bytes,
      content_type: asset.contentType,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'digest'])
        .doUpdateSet((eb) => ({ digest: eb.ref('excluded.digest') })),
    )
    .returning(['id', 'bytes', 'content_type as contentType'])
    .executeTakeFirstOrThrow()
}

/** Gives a row to bytes that were stored again, for all boards that have it. */
export async function replaceAsset(db: Database, id: string, newId: string): Promise<void> {
  // A review that names the former id would find no such file.
  await sql`
    WITH replaced AS (UPDATE assets SET id = ${newId} WHERE id = ${id} RETURNING id)
    INSERT INTO asset_reviews (asset_id) SELECT id FROM replaced`.execute(db)
}

/** Puts a file on a board. @returns false where it is there already */
export async function addToBoard(
  tx: Database,
  { boardId, digest, assetId, addedBy }: AssetPlace & { assetId: string; addedBy: string },
): Promise<boolean> {
  await tx
    .insertInto('asset_scans')
    .values({ board_id: boardId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('board_assets')
    .values({ board_id: boardId, digest: toDigest(digest), asset_id: assetId, added_by: addedBy })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows > 0n
}

/** Notes that a file may be on no board. */
export async function noteReview(tx: Database, assetId: string): Promise<void> {
  await tx.insertInto('asset_reviews').values({ asset_id: assetId }).execute()
}

/**
 * Puts on a board what others have: all of it, or these files of it. The bytes are those of the others, and count
 * for their workspace as long as that has them.
 * @returns how many
 */
export async function copyAssets(
  tx: Database,
  copy: { from: readonly string[]; to: string; addedBy: string; digests?: readonly string[] },
): Promise<number> {
  const { from, to, addedBy, digests } = copy
  const { numAffectedRows = 0n } = await sql`
    WITH others AS (
      SELECT digest, asset_id FROM board_assets
      WHERE board_id = ANY(${[...from]}::uuid[])
        AND (${digests === undefined}::boolean OR digest = ANY(${(digests ?? []).map(toDigest)}::bytea[]))
      -- One that is being taken off the other board is not copied.
      FOR KEY SHARE
    ), scanned AS (
      INSERT INTO asset_scans (board_id) SELECT ${to} FROM others LIMIT 1 ON CONFLICT DO NOTHING
    )
    INSERT INTO board_assets (board_id, digest, asset_id, added_by)
    SELECT ${to}, digest, asset_id, ${addedBy} FROM others
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows)
}

/**
 * Counts the files of a board for the workspace that it is in now, unless another board of theirs has them, or
 * the workspace has the same bytes already: those are noted, see `removeReleasedAssets`.
 */
export async function moveAssets(
  tx: Database,
  { boardId, workspaceId }: { boardId: string; workspaceId: string },
): Promise<void> {
  await sql`
    WITH own AS (
      SELECT asset_id FROM board_assets WHERE board_id = ${boardId}
    ), noted AS (
      INSERT INTO asset_reviews (asset_id) SELECT asset_id FROM own
    )
    UPDATE assets a SET workspace_id = ${workspaceId}
    FROM own
    WHERE a.id = own.asset_id
      AND NOT EXISTS (
        SELECT FROM board_assets o JOIN boards b ON b.id = o.board_id
        WHERE o.asset_id = a.id AND b.workspace_id = a.workspace_id
      )
      AND NOT EXISTS (
        SELECT FROM assets s WHERE s.workspace_id = ${workspaceId} AND s.digest = a.digest
      )`.execute(tx)
}

/** Takes a file off a board. @returns it; undefined where the board does not have it */
export async function removeFromBoard(
  tx: Database,
  place: AssetPlace,
): Promise<BoardAsset | undefined> {
  const asset = await findAsset(tx, place)
  if (!asset) return undefined
  const { numDeletedRows } = await tx
    .deleteFrom('board_assets')
    .where('board_id', '=', place.boardId)
    .where('digest', '=', toDigest(place.digest))
    .executeTakeFirst()
  return numDeletedRows > 0n ? asset : undefined
}
