import type { Logger } from '@mindfuse/service-kit'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import { removeExpiredBoards } from './expired-boards.ts'
import { removeExpiredEvents } from './expired-events.ts'
import { EXPIRING_TABLES, removeExpired } from './expired-rows.ts'

/** How often expired rows are removed, milliseconds. */
const INTERVAL_MS = 10 * 60_000

/** Most batches of one kind in a run; the rest is left to the next. */
const MAX_BATCHES = 100

/** Removes what has expired: see {@link EXPIRING_TABLES}, the outbox and the trash. */
export class Retention {
  readonly #deps: { db: Database; transact: Transact; log: Logger }
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #isStopped = false

  constructor(deps: { db: Database; transact: Transact; log: Logger }) {
    this.#deps = deps
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
    const { db, transact } = this.#deps
    for (const table of EXPIRING_TABLES) await this.#remove(table, () => removeExpired(db, table))
    await this.#remove('events', () => removeExpiredEvents(db))
    await this.#remove('boards', () => removeExpiredBoards(db, transact))
  }

  /** Removes batches until one finds nothing, or only what another instance has locked. */
  async #remove(what: string, removeBatch: () => Promise<number>): Promise<void> {
    let removed = 0
    try {
      for (let batches = 0; batches < MAX_BATCHES && !this.#isStopped; batches++) {
        const count = await removeBatch()
        removed += count
        if (count === 0) break
      }
    } catch (error) {
      this.#deps.log.warn({ err: error, what }, 'expired rows could not be removed')
    }
    if (removed > 0) this.#deps.log.info({ what, removed }, 'expired rows removed')
  }
}
