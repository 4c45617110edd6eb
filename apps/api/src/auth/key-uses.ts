import { type Logger, OutageLog } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** How often uses are written, milliseconds. */
const WRITE_INTERVAL_MS = 1_000

/** How often the row of one key is written at most. */
const PRECISION = sql`interval '1 minute'`

/** Writes when keys were last used, apart from the requests that use them. */
export class KeyUses {
  readonly #db: Database
  readonly #outage: OutageLog
  readonly #timer: NodeJS.Timeout
  #used = new Set<string>()
  #writing: Promise<void> | undefined

  constructor(deps: { db: Database; log: Logger }) {
    this.#db = deps.db
    this.#outage = new OutageLog({
      log: deps.log,
      failed: 'uses of keys cannot be written',
      recovered: 'uses of keys are written again',
    })
    this.#timer = setInterval(() => this.#wake(), WRITE_INTERVAL_MS)
  }

  /** A key is used at this moment. */
  note(keyId: string): void {
    this.#used.add(keyId)
  }

  /** Writes what is left, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
    this.#wake()
    await this.#writing
  }

  #wake(): void {
    if (this.#writing || this.#used.size === 0) return
    const used = [...this.#used]
    this.#used = new Set()
    this.#writing = this.#write(used).finally(() => {
      this.#writing = undefined
    })
  }

  async #write(keyIds: string[]): Promise<void> {
    try {
      // Who holds a row is another instance that writes the same, or revokes the key.
      await sql`
        UPDATE keys SET last_used_at = now() WHERE id IN (
          SELECT id FROM keys
          WHERE id = ANY (${keyIds}::uuid[])
            AND (last_used_at IS NULL OR last_used_at < now() - ${PRECISION})
          FOR NO KEY UPDATE SKIP LOCKED
        )`.execute(this.#db)
      this.#outage.recover()
    } catch (error) {
      this.#outage.fail(error)
    }
  }
}
