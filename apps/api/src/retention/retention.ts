import type { Logger } from '@mindfuse/service-kit'
import { Counter, type Registry } from 'prom-client'
import type { AssetStore } from '../assets/store/asset-store.ts'
import type { Transact } from '../changes/transact.ts'
import { DEFAULT_AUDIT_RETENTION_DAYS } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { DocumentStorage } from '../documents/storage.ts'
import { AUDIT_TABLES, removeExpiredAudit } from './expired-audit.ts'
import { removeExpiredBoards } from './expired-boards.ts'
import { removeExpiredEvents } from './expired-events.ts'
import { EXPIRING_TABLES, removeExpired } from './expired-rows.ts'
import { removeLeftOverAssets } from './left-over-assets.ts'
import { removeReleasedAssets } from './released-assets.ts'
import { removeUnnamedAssets } from './unnamed-assets.ts'

/** How often expired rows are removed, milliseconds. */
const INTERVAL_MS = 10 * 60_000

/** Most batches of one kind in a run; the rest is left to the next. */
const MAX_BATCHES = 100

/**
 * What goes of files, as metrics and the log name it: from boards that no longer name them, from the store once
 * no board has them, and from the store what has no row.
 */
const OF_ASSETS = ['board_assets', 'assets', 'left_over_assets'] as const

/** What expires, as metrics and the log name it. */
const EXPIRING = [...EXPIRING_TABLES, 'events', ...AUDIT_TABLES, 'boards', ...OF_ASSETS] as const

/** What retention needs. */
export interface RetentionDeps {
  db: Database
  transact: Transact
  documents: Pick<DocumentStorage, 'openDocument' | 'workers'>
  /** Undefined where there are no files. */
  assets?: AssetStore | undefined
  registry: Registry
  log: Logger
  /** 0 is for ever. */
  auditRetentionDays?: number | undefined
}

/** A part of what has expired. */
interface Batch {
  removed: number
  /** Whether nothing more is found. */
  isLast: boolean
}

/** Removes what has expired: see {@link EXPIRING_TABLES}, the outbox, the audit logs, the trash and files. */
export class Retention {
  readonly #deps: RetentionDeps
  readonly #removed: Counter
  readonly #failures: Counter
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  readonly #stopping = new AbortController()

  constructor(deps: RetentionDeps) {
    this.#deps = deps
    const registers = [deps.registry]
    this.#removed = new Counter({
      name: 'retention_removed_total',
      help: 'Rows that were removed because they had expired',
      labelNames: ['what'],
      registers,
    })
    this.#failures = new Counter({
      name: 'retention_failures_total',
      help: 'Runs in which expired rows could not be removed',
      labelNames: ['what'],
      registers,
    })
    // Prometheus sees an increase only of a series that it has seen before.
    for (const what of EXPIRING) {
      this.#removed.inc({ what }, 0)
      this.#failures.inc({ what }, 0)
    }
    this.#timer = setInterval(() => void this.run(), INTERVAL_MS)
  }

  /** Runs now, or joins the current run; never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#removeAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Resolves after the current batch. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#timer)
    await this.#running
  }

  async #removeAll(): Promise<void> {
    const { db, transact, auditRetentionDays = DEFAULT_AUDIT_RETENTION_DAYS } = this.#deps
    for (const table of EXPIRING_TABLES) {
      await this.#remove(table, () => batchOf(removeExpired(db, table)))
    }
    await this.#remove('events', () => batchOf(removeExpiredEvents(db)))
    if (auditRetentionDays > 0) {
      for (const table of AUDIT_TABLES) {
        await this.#remove(table, () => batchOf(removeExpiredAudit(db, table, auditRetentionDays)))
      }
    }
    await this.#remove('boards', () => batchOf(removeExpiredBoards(db, transact)))
    const { assets } = this.#deps
    if (assets) await this.#removeAssets(assets)
  }

  /** Last, since it takes the longest: documents are built for it. */
  async #removeAssets(assets: AssetStore): Promise<void> {
    const { db } = this.#deps
    const { signal } = this.#stopping
    await this.#remove('board_assets', () => removeUnnamedAssets(this.#deps, signal))
    await this.#remove('assets', () => removeReleasedAssets({ db, assets }))
    await this.#remove('left_over_assets', () =>
      batchOf(removeLeftOverAssets({ db, assets }, signal)),
    )
  }

  /** Removes batches until one finds nothing, or only what another instance has locked. */
  async #remove(what: (typeof EXPIRING)[number], removeBatch: () => Promise<Batch>): Promise<void> {
    let removed = 0
    try {
      for (let batches = 0; batches < MAX_BATCHES && !this.#stopping.signal.aborted; batches++) {
        const batch = await removeBatch()
        removed += batch.removed
        if (batch.isLast) break
      }
    } catch (error) {
      this.#failures.inc({ what })
      this.#deps.log.warn({ err: error, what }, 'expired rows could not be removed')
    }
    if (removed === 0) return
    this.#removed.inc({ what }, removed)
    this.#deps.log.info({ what, removed }, 'expired rows removed')
  }
}

/** Of something that is looked for until nothing is found. */
async function batchOf(removal: Promise<number>): Promise<Batch> {
  const removed = await removal
  return { removed, isLast: removed === 0 }
}
