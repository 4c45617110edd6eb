import { sql } from 'kysely'
import type { AssetKey, AssetStore, ListedAsset } from '../assets/store/asset-store.ts'
import type { Database } from '../db/database.ts'

/** How long nothing is removed as left over after a database took the place of another, days. */
export const SPARED_DAYS = 7

/** How old bytes without a row are that nobody is about to write one for, days. */
export const LEFT_OVER_DAYS = 1

/**
 * Removes bytes without a row, once a day: a crash left them, or a removal that failed.
 * @returns how many
 */
export async function removeLeftOverAssets(
  deps: { db: Database; assets: AssetStore },
  signal: AbortSignal,
): Promise<number> {
  if (!(await claimSweep(deps.db))) return 0
  try {
    return await sweep(deps, { signal })
  } catch (error) {
    // Not only tomorrow: what fails time and again is reported.
    await deps.db.updateTable('asset_sweeps').set({ due_at: sql`now()` }).execute()
    throw error
  }
}

/**
 * Whether it is time to look through the store; another instance then has to wait for a day. A database that was
 * restored, or is a new one, may lack the rows of bytes that are needed once the right one is back: it waits for
 * {@link SPARED_DAYS}.
 */
export async function claimSweep(db: Database): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ isDue: boolean }>`
      WITH here AS (
        SELECT coalesce(database_incarnation(), '') AS incarnation
      ), others AS (
        DELETE FROM asset_sweeps s USING here WHERE s.incarnation <> here.incarnation
      ), claimed AS (
        UPDATE asset_sweeps s SET due_at = now() + interval '1 day'
        FROM here WHERE s.incarnation = here.incarnation AND due_at <= now()
        RETURNING s.incarnation
      ), met AS (
        INSERT INTO asset_sweeps (incarnation, due_at)
        SELECT incarnation, now() + make_interval(days => ${SPARED_DAYS}::int) FROM here
        ON CONFLICT DO NOTHING
      )
      SELECT EXISTS (SELECT FROM claimed) AS "isDue"`.execute(tx)
    return rows[0]?.isDue ?? false
  })
}

/** Removes all bytes that are old enough and have no row. @returns how many */
export async function sweep(
  { db, assets }: { db: Database; assets: AssetStore },
  options: { signal?: AbortSignal; leftOverDays?: number } = {},
): Promise<number> {
  const { signal, leftOverDays = LEFT_OVER_DAYS } = options
  let removed = 0
  for await (const page of assets.list()) {
    if (signal?.aborted) break
    for (const key of await findLeftOver(db, page, leftOverDays)) {
      await assets.remove(key)
      removed++
    }
  }
  return removed
}

/** Where the database cannot be asked, nothing is left over. */
async function findLeftOver(
  db: Database,
  page: readonly ListedAsset[],
  leftOverDays: number,
): Promise<AssetKey[]> {
  const { rows } = await sql<AssetKey>`
    SELECT l.id, l.digest
    FROM unnest(
      ${page.map(({ key }) => key.id)}::uuid[],
      ${page.map(({ key }) => key.digest)}::text[],
      ${page.map(({ writtenAt }) => writtenAt)}::timestamptz[]
    ) AS l (id, digest, written_at)
    WHERE written_at < now() - make_interval(days => ${leftOverDays}::int)
      AND NOT EXISTS (
        SELECT FROM assets a WHERE a.id = l.id AND a.digest = decode(l.digest, 'hex')
      )`.execute(db)
  return rows
}
