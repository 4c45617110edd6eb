import { sql } from 'kysely'
import type { AssetKey, AssetStore } from '../assets/store/asset-store.ts'
import type { Database } from '../db/database.ts'

/** Key of the advisory lock under which assets are reviewed ("mfar"). */
const REVIEW_LOCK = 0x6d666172

/** Most reviews of one transaction. */
const REVIEW_BATCH = 100

/** A file that left a board. */
interface ReleasedAsset extends AssetKey {
  workspaceId: string
}

/** What a review came to. */
interface Reviewed {
  /** How many reviews are done. */
  count: number
  /** Assets that no board has any longer; their rows are gone. */
  unused: AssetKey[]
}

/**
 * Removes the bytes of assets that left the last board that had them; others are counted for the workspace of
 * one that has them.
 *
 * @returns how many assets are gone, and whether all that left boards were reviewed
 * @throws AssetStoreError; bytes without a row are removed as left over then
 */
export async function removeReleasedAssets(deps: {
  db: Database
  assets: AssetStore
}): Promise<{ removed: number; isLast: boolean }> {
  const { db, assets } = deps
  // Rows stay as long as the bytes cannot follow.
  await assets.check()
  const { count, unused } = await db.transaction().execute(reviewAssets)
  const removals = await Promise.allSettled(unused.map((key) => assets.remove(key)))
  const failure = removals.find(({ status }) => status === 'rejected')
  if (failure?.status === 'rejected') throw failure.reason
  return { removed: unused.length, isLast: count === 0 }
}

/**
 * The rows of assets are locked first, which keeps uploads and copies from referring to them, and waited for by
 * nobody: those that an upload or a copy has locked are reviewed another time. One transaction at a time does this.
 */
async function reviewAssets(tx: Database): Promise<Reviewed> {
  const { rows } = await sql<{ locked: boolean }>`
    SELECT pg_try_advisory_xact_lock(${REVIEW_LOCK}) AS locked`.execute(tx)
  if (!rows[0]?.locked) return { count: 0, unused: [] }
  const reviews = await tx
    .selectFrom('asset_reviews')
    .select(['id', 'asset_id as assetId'])
    .orderBy('id')
    .limit(REVIEW_BATCH)
    .execute()
  const released = await lockAssets(tx, [...new Set(reviews.map(({ assetId }) => assetId))])
  const ids = released.map(({ id }) => id)
  const workspaces = await findWorkspaces(tx, ids)
  const unused = released.filter(({ id }) => !workspaces.has(id))
  for (const asset of released) {
    const having = workspaces.get(asset.id)
    if (having && !having.includes(asset.workspaceId)) await countFor(tx, asset, having)
  }
  await tx
    .deleteFrom('assets')
    .where((eb) => eb('id', '=', eb.fn.any(eb.val(unused.map(({ id }) => id)))))
    .execute()
  // Those that were read: one that is noted meanwhile is of a board that may have been counted here.
  const count = await deleteReviews(tx, { reviews: reviews.map(({ id }) => id), assets: ids })
  return { count, unused }
}

async function lockAssets(tx: Database, ids: readonly string[]): Promise<ReleasedAsset[]> {
  const { rows } = await sql<ReleasedAsset>`
    SELECT id, encode(digest, 'hex') AS digest, workspace_id AS "workspaceId"
    FROM assets WHERE id = ANY(${[...ids]}::uuid[]) FOR UPDATE SKIP LOCKED`.execute(tx)
  return rows
}

/** The workspaces whose boards have these assets, by asset. */
async function findWorkspaces(
  tx: Database,
  assetIds: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ assetId: string; workspaceIds: string[] }>`
    SELECT asset_id AS "assetId", array_agg(DISTINCT workspace_id::text) AS "workspaceIds"
    FROM board_assets a JOIN boards b ON b.id = a.board_id
    WHERE asset_id = ANY(${[...assetIds]}::uuid[])
    GROUP BY asset_id`.execute(tx)
  return new Map(rows.map(({ assetId, workspaceIds }) => [assetId, workspaceIds]))
}

/** Counts an asset for another workspace, or lets its boards refer to what that has of the same bytes. */
async function countFor(
  tx: Database,
  { id, digest }: AssetKey,
  [workspaceId]: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM assets
    WHERE workspace_id = ${workspaceId} AND digest = decode(${digest}, 'hex')
    FOR KEY SHARE`.execute(tx)
  const [same] = rows
  if (!same) {
    await sql`UPDATE assets SET workspace_id = ${workspaceId} WHERE id = ${id}`.execute(tx)
    return
  }
  await sql`
    UPDATE board_assets a SET asset_id = ${same.id}
    FROM boards b
    WHERE a.asset_id = ${id} AND b.id = a.board_id AND b.workspace_id = ${workspaceId}`.execute(tx)
  await tx.insertInto('asset_reviews').values({ asset_id: id }).execute()
}

/** Deletes those of the reviews whose assets are locked here, or gone. */
async function deleteReviews(
  tx: Database,
  { reviews, assets }: { reviews: readonly number[]; assets: readonly string[] },
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    DELETE FROM asset_reviews r
    WHERE id = ANY(${[...reviews]}::bigint[]) AND (
      asset_id = ANY(${[...assets]}::uuid[])
      OR NOT EXISTS (SELECT FROM assets WHERE id = r.asset_id)
    )`.execute(tx)
  return Number(numAffectedRows)
}
