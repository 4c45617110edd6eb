import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { answersInTime } from './answers-in-time.ts'

/** How often PostgreSQL is asked, milliseconds. */
const INTERVAL_MS = 1_000

/** What probes and metrics know of PostgreSQL without asking it: an answer may take long or never come. */
export interface DatabaseMonitor {
  /** Whether it answered in time when it was last asked. */
  isUp(): boolean
  /** Age of the oldest event that is committed and not published, as far as its last answer says. */
  outboxLagSeconds(): number
  /** How many boards are queued to be merged, and how many of them after a failure; of its last answer. */
  compactionQueue(): { waiting: number; failing: number }
}

/** Asks a database that has just answered, again and again until it is closed. */
export function monitorDatabase(db: Database): DatabaseMonitor & { close(): void } {
  let isUp = true
  let isAsking = false
  let unpublishedSince: number | undefined
  let queue = { waiting: 0, failing: 0 }

  const ask = async () => {
    const { lag, waiting, failing } = await readState(db)
    unpublishedSince = lag === null ? undefined : performance.now() - lag * 1_000
    queue = { waiting, failing }
    isUp = true
  }
  const check = async () => {
    // One at a time: those that nobody answers must not take the connections.
    if (isAsking) return
    isAsking = true
    const answer = ask()
    isUp = await answersInTime(answer)
    // One that comes too late says that it answers again.
    await answer.catch(() => undefined)
    isAsking = false
  }
  void check()
  const timer = setInterval(() => void check(), INTERVAL_MS)
  return {
    isUp: () => isUp,
    outboxLagSeconds: () =>
      unpublishedSince === undefined ? 0 : (performance.now() - unpublishedSince) / 1_000,
    compactionQueue: () => queue,
    close: () => clearInterval(timer),
  }
}

interface State {
  lag: number | null
  waiting: number
  failing: number
}

async function readState(db: Database): Promise<State> {
  const { rows } = await sql<State>`
    SELECT (
      SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float
      FROM events WHERE published_at IS NULL
    ) AS lag, count(*) AS waiting, count(*) FILTER (WHERE attempts > 1) AS failing
    FROM compaction_queue`.execute(db)
  return rows[0] ?? { lag: null, waiting: 0, failing: 0 }
}
