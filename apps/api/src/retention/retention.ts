import type { Logger } from '@mindfuse/service-kit'
import { Counter, type Registry } from 'prom-client'
import type { Transact } from '../changes/transact.ts'
import { DEFAULT_AUDIT_RETENTION_DAYS } from '../config.ts'
import type { Database } from '../db/database.ts'
import { AUDIT_TABLES, removeExpiredAudit } from './expired-audit.ts'
import { removeExpiredBoards } from './expired-boards.ts'
import { removeExpiredEvents } from './expired-events.ts'
import { EXPIRING_TABLES, removeExpired } from './expired-rows.ts'

/** How often expired rows are removed, milliseconds. */
const INTERVAL_MS = 10 * 60_000

/** Most batches of one kind in a run; the rest is left to the next. */
const MAX_BATCHES = 100

/** What expires, as metrics and the log name it. */
const EXPIRING = [...EXPIRING_TABLES, 'events', ...AUDIT_TABLES, 'boards'] as const

/** What retention needs. */
export interface RetentionDeps {
  db: Database
  transact: Transact
  registry: Registry
  log: Logger
  /** 0 is for ever. */
  auditRetentionDays?: number | undefined
}

/** Removes what has expired: see {@link EXPIRING_TABLES}, the outbox, the audit logs and the trash. */
export class Retention {
  readonly #deps: RetentionDeps
  readonly #removed: Counter
  readonly #failures: Counter
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #isStopped = false

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
    for (const what of EXPIRING) this.#failures.inc({ what }, 0)
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
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#running
  }

  async #removeAll(): Promise<void> {
    const { db, transact, auditRetentionDays = DEFAULT_AUDIT_RETENTION_DAYS } = this.#deps
    for (const table of EXPIRING_TABLES) await this.#remove(table, () => removeExpired(db, table))
    await this.#remove('events', () => removeExpiredEvents(db))
    if (auditRetentionDays > 0) {
      for (const table of AUDIT_TABLES) {
        await this.#remove(table, () => removeExpiredAudit(db, table, auditRetentionDays))
      }
    }
    await this.#remove('boards', () => removeExpiredBoards(db, transact))
  }

  /** Removes batches until one finds nothing, or only what another instance has locked. */
  async #remove(
    what: (typeof EXPIRING)[number],
    removeBatch: () => Promise<number>,
  ): Promise<void> {
    let removed = 0
    try {
      for (let batches = 0; batches < MAX_BATCHES && !this.#isStopped; batches++) {
        const count = await removeBatch()
        removed += count
        if (count === 0) break
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
