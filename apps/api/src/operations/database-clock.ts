import { ClockSkew, type Logger } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import { Gauge, type Registry } from 'prom-client'
import type { Database } from '../db/database.ts'

/** How often the clocks are compared, milliseconds. */
const COMPARE_INTERVAL_MS = 30_000

/**
 * Compares our time of day with PostgreSQL's, by which sessions end and whose clock all APIs share.
 * @returns how to stop
 */
export function watchDatabaseClock(deps: {
  db: Database
  registry: Registry
  log: Logger
}): () => void {
  const { db, registry, log } = deps
  const skew = new ClockSkew({ log, other: 'PostgreSQL' })
  new Gauge({
    name: 'clock_skew_seconds',
    help: 'How far the clock of this process is ahead of that of PostgreSQL',
    registers: [registry],
    collect() {
      this.set(skew.seconds)
    },
  })

  const compare = async () => {
    const askedAt = performance.now()
    try {
      const { rows } = await sql<{ time: number }>`
        SELECT extract(epoch FROM clock_timestamp())::float * 1000 AS time`.execute(db)
      skew.note(rows[0]?.time ?? Number.NaN, askedAt)
    } catch (error) {
      log.debug({ err: error }, 'the time of the database is not known')
    }
  }
  void compare()
  const timer = setInterval(() => void compare(), COMPARE_INTERVAL_MS)
  return () => clearInterval(timer)
}
