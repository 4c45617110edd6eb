import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { openDatabase } from '@mindfuse/api'
import { createLogger } from '@mindfuse/service-kit'
import { Registry } from 'prom-client'
import type { AssetStore } from '../../apps/api/src/assets/store/asset-store.ts'
import { openDirectoryStore } from '../../apps/api/src/assets/store/directory-store.ts'
import { pathOf } from '../../apps/api/src/assets/store/key-names.ts'
import { createTransact, transactionsOn } from '../../apps/api/src/changes/transact.ts'
import { openDocumentStorage } from '../../apps/api/src/documents/storage.ts'
import { sweep } from '../../apps/api/src/retention/left-over-assets.ts'
import { removeReleasedAssets } from '../../apps/api/src/retention/released-assets.ts'
import { Retention } from '../../apps/api/src/retention/retention.ts'
import { removeUnnamedAssets } from '../../apps/api/src/retention/unnamed-assets.ts'
import type { Stack } from './stack.ts'

/** What retention does with files, at once instead of once a day, and what there is of them. */
export interface AssetKeeper {
  store: AssetStore
  /** Looks through all boards that changed. @returns how many files left theirs */
  scan(): Promise<number>
  /** Removes what no board has. @returns how many assets */
  review(): Promise<number>
  /** Removes bytes without a row. @returns how many */
  sweep(): Promise<number>
  /** A run of retention as an API has it. @returns how much it removed of what, by its metrics */
  retain(): Promise<Record<string, number>>
  /** Lets so many days pass. */
  pass(days: number): Promise<void>
  /** The digests that a board has, in order. */
  on(boardId: string): Promise<string[]>
  /** Of each asset its row as `<id> <digest>`, in order. */
  rows(): Promise<string[]>
  /** The same of the bytes. */
  bytes(): Promise<string[]>
  /** Removes all files and all that is known of them. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Works on the store and the database of a stack. */
export async function openAssetKeeper({
  database,
  assetsDir,
}: Pick<Stack, 'database' | 'assetsDir'>): Promise<AssetKeeper> {
  const store = await openDirectoryStore(assetsDir)
  const pool = openDatabase({ url: database.url, poolSize: 6, onError: () => undefined })
  const { db } = pool
  const log = createLogger({ service: 'test', level: 'silent' })
  const documents = openDocumentStorage({ db, registry: new Registry(), log })
  const transact = createTransact({
    usual: transactionsOn(pool.requests),
    urgent: transactionsOn(pool.urgent),
    onCommit: async () => true,
  })
  const { signal } = new AbortController()

  const untilLast = async (batch: () => Promise<{ removed: number; isLast: boolean }>) => {
    for (let total = 0; ; ) {
      const { removed, isLast } = await batch()
      total += removed
      if (isLast) return total
    }
  }

  const bytes = async () => {
    const all: string[] = []
    for await (const page of store.list()) {
      all.push(...page.map(({ key }) => `${key.id} ${key.digest}`))
    }
    return all.sort()
  }

  return {
    store,
    scan: () => untilLast(() => removeUnnamedAssets({ db, transact, documents, log }, signal)),
    review: () => untilLast(() => removeReleasedAssets({ db, assets: store })),
    sweep: () => sweep({ db, assets: store }),
    async retain() {
      const registry = new Registry()
      const retention = new Retention({ db, transact, documents, assets: store, registry, log })
      await retention.run()
      await retention.stop()
      const removed = await registry.getSingleMetric('retention_removed_total')?.get()
      return Object.fromEntries(
        (removed?.values ?? []).map(({ labels, value }) => [labels.what, value]),
      )
    },
    async pass(days) {
      await database.query(
        `WITH assets AS (
           UPDATE board_assets SET unnamed_since = unnamed_since - make_interval(days => $1)
         )
         UPDATE asset_scans SET scanned_at = scanned_at - make_interval(days => $1)`,
        [days],
      )
      for await (const page of store.list()) {
        for (const { key, writtenAt } of page) {
          const earlier = new Date(writtenAt.getTime() - days * 24 * 60 * 60 * 1_000)
          await utimes(join(assetsDir, 'objects', pathOf(key)), earlier, earlier)
        }
      }
    },
    async on(boardId) {
      const rows = await database.query(
        `SELECT encode(digest, 'hex') AS digest FROM board_assets WHERE board_id = $1 ORDER BY 1`,
        [boardId],
      )
      return rows.map(({ digest }) => digest)
    },
    async rows() {
      const rows = await database.query(
        `SELECT id || ' ' || encode(digest, 'hex') AS row FROM assets ORDER BY 1`,
      )
      return rows.map(({ row }) => row)
    },
    bytes,
    async clear() {
      await database.query(
        'TRUNCATE board_assets, asset_scans, asset_reviews, asset_sweeps, assets',
      )
      for await (const page of store.list()) {
        for (const { key } of page) await store.remove(key)
      }
    },
    async close() {
      await documents.close()
      await pool.close()
      await store.close()
    },
  }
}
