import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, StartupError } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import { isAway } from './away.ts'
import type { Database } from './database.ts'
import { type MigrateOptions, migrateUp, missingOf, readApplied } from './migrate.ts'
import { MIGRATIONS_DIRECTORY, readStepNames } from './steps.ts'

/** How often the database is tried again, milliseconds. */
const RETRY_INTERVAL_MS = 1_000

/** How often the same reason is logged again, milliseconds. */
const REPEAT_INTERVAL_MS = 60_000

/** What poolers say of the timeouts that the API sends where it knows of none. */
const UNKNOWN_POOLER = /unsupported startup parameter/

/**
 * Resolves once the database is there with every step of this release, or of a later one. Waits for it as
 * long as it takes: restarts would come no sooner, and hide the reason.
 *
 * @param options.whileWaiting started where it is not there at first; what it returns ends it
 * @throws StartupError where waiting does not help
 */
export async function databaseReady({
  db,
  migrate,
  log,
  stopping,
  whileWaiting,
}: {
  db: Database
  /** How to apply what is missing; undefined where another process does. */
  migrate: MigrateOptions | undefined
  log: Logger
  stopping: AbortSignal
  whileWaiting: () => Promise<() => Promise<unknown>>
}): Promise<void> {
  const names = await readStepNames(MIGRATIONS_DIRECTORY)

  /** Why the database cannot be used yet. */
  const attempt = async (): Promise<string | undefined> => {
    try {
      if (migrate) {
        const applied = await migrateUp({ ...migrate, log, stopping })
        log.info({ applied }, 'database migrated')
      }
      const missing = missingOf(
        names.map((name) => ({ name })),
        await readApplied(async (text) => (await sql.raw<{ name: string }>(text).execute(db)).rows),
      )
      if (missing.length === 0) {
        await requireStatementTimeout(db)
        return undefined
      }
      return `the database lacks the migrations ${missing.map(({ name }) => name).join(', ')}`
    } catch (error) {
      if (error instanceof Error && UNKNOWN_POOLER.test(error.message)) {
        throw new StartupError(
          `DATABASE_URL leads to a pooler (${error.message}): set DATABASE_POOLER=transaction`,
        )
      }
      if (!isAway(error)) throw error
      return (error as Error).message || String((error as { code?: string }).code)
    }
  }

  let stopWaiting: (() => Promise<unknown>) | undefined
  let logged: { reason: string; at: number } | undefined
  try {
    for (;;) {
      const reason = await attempt()
      if (reason === undefined) return
      if (logged?.reason !== reason || performance.now() - logged.at > REPEAT_INTERVAL_MS) {
        log.warn({ reason }, 'waiting for the database')
        logged = { reason, at: performance.now() }
      }
      stopWaiting ??= await whileWaiting()
      await delay(RETRY_INTERVAL_MS, undefined, { signal: stopping })
    }
  } finally {
    await stopWaiting?.()
  }
}

/**
 * Each transaction sets its timeouts, and each connection does where there is no pooler; but single statements
 * of a pooler's connection have what the role has.
 */
async function requireStatementTimeout(db: Database): Promise<void> {
  const { rows } = await sql<{ timeout: string; role: string }>`
    SELECT current_setting('statement_timeout') AS timeout, quote_ident(session_user) AS role`.execute(
    db,
  )
  const [{ timeout, role } = { timeout: '', role: '' }] = rows
  if (timeout !== '0') return
  throw new StartupError(
    `statements through the pooler have no timeout: run ALTER ROLE ${role} SET statement_timeout = '10s', and RECONNECT in PgBouncer`,
  )
}
