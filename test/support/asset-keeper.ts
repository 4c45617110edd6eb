import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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
import { removeUnnamedAssets } from '../../apps/api/src/retention/unnamed-assets.ts'
import type { Stack } from './stack.ts'

/** What retention does with files, at once instead of once a day, and what there is of them. */
export interface AssetKeeper {
  store: AssetStore
  /** Puts a file on a board, as an upload does. @returns its digest */
  add(boardId: string, content?: string): Promise<string>
  /** Looks through all boards that changed. @returns how many files left theirs */
  scan(): Promise<number>
  /** Removes what no board has. @returns how many assets */
  review(): Promise<number>
  /** Removes bytes without a row. @returns how many */
  sweep(): Promise<number>
  /** Lets so many days pass. */
  pass(days: number): Promise<void>
  /** The digests that a board has, in order. */
  on(boardId: string): Promise<string[]>
  /** Of each asset its row as `<id> <digest>`, in order. */
  rows(): Promise<string[]>
  /** The same of the bytes. */
  bytes(): Promise<string[]>
  close(): Promise<void>
}

/** Opens a store in a directory of its own. */
export async function openAssetKeeper({ database }: Pick<Stack, 'database'>): Promise<AssetKeeper> {
  const dir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
  const store = await openDirectoryStore(dir)
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
    async add(boardId, content = randomUUID()) {
      const digest = createHash('sha256').update(content).digest('hex')
      const key = { id: randomUUID(), digest }
      const path = join(store.incoming, key.id)
      await writeFile(path, content)
      await store.put(key, { path, bytes: content.length })
      const [row] = await database.query(
        `INSERT INTO assets (id, workspace_id, digest, bytes, content_type)
         SELECT $1, workspace_id, decode($2, 'hex'), $3, 'text/plain' FROM boards WHERE id = $4
         ON CONFLICT (workspace_id, digest) DO UPDATE SET digest = excluded.digest RETURNING id`,
        [key.id, digest, content.length, boardId],
      )
      if (row.id !== key.id) await store.remove(key)
      await database.query(
        `WITH added AS (
           INSERT INTO board_assets (board_id, digest, asset_id, added_by)
           VALUES ($1, decode($2, 'hex'), $3, gen_random_uuid())
           ON CONFLICT (board_id, digest) DO UPDATE SET unnamed_since = now()
         )
         INSERT INTO asset_scans (board_id) VALUES ($1) ON CONFLICT DO NOTHING`,
        [boardId, digest, row.id],
      )
      return digest
    },
    scan: () => untilLast(() => removeUnnamedAssets({ db, transact, documents, log }, signal)),
    review: () => untilLast(() => removeReleasedAssets({ db, assets: store })),
    sweep: () => sweep({ db, assets: store }),
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
          await utimes(join(dir, 'objects', pathOf(key)), earlier, earlier)
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
    async close() {
      await documents.close()
      await pool.close()
      await store.close()
      await rm(dir, { recursive: true })
    },
  }
}
