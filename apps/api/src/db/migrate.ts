import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, StartupError } from '@mindfuse/service-kit'
import pg from 'pg'
import { isAway } from './away.ts'
import { MIGRATIONS_DIRECTORY, readSteps, type Step } from './steps.ts'

/** Key of the advisory lock of migrations: Kysely's, which earlier releases migrated with. */
const LOCK_ID = '3853314791062309107'

/** How long a statement waits for a lock, milliseconds: later statements wait behind it. */
const LOCK_TIMEOUT_MS = 2_000

/** How long others may work before the step is tried again, milliseconds. */
const LOCK_PAUSE_MS = 5_000

/** How often a step is tried: for an hour. */
const MAX_ATTEMPTS = 500

/** How often is looked whether another runner is done, milliseconds. */
const TURN_INTERVAL_MS = 1_000

/** How long to connect may take, milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000

/** What PostgreSQL says where a lock was not free in time, and of a deadlock. */
const LOCKED = ['55P03', '40P01']

/** How a database is migrated. */
export interface MigrateOptions {
  /** Of PostgreSQL itself, of a role that may change the tables. */
  url: string
  log?: Logger | undefined
  /** Ends the waits of a run, which then rejects with its reason. */
  stopping?: AbortSignal | undefined
  /** Holds the steps; this release's by default. */
  directory?: URL | undefined
}

/**
 * Applies every step that is missing, each in a transaction of its own, and returns the names of those
 * applied now. A schema of a later release is left as it is.
 *
 * A statement may take as long as it must, and waits for locks in small pieces. One runner works at a
 * time, on a connection of its own.
 *
 * @throws StartupError where a step fails, or does not get its locks in an hour
 */
export async function migrateUp(options: MigrateOptions): Promise<string[]> {
  return onConnection(options, async (runner) => {
    const names: string[] = []
    for (const { name, up } of runner.missing(await runner.applied())) {
      const isApplied = await runner.inTurn(name, async (applied) => {
        // Another runner may have done it meanwhile.
        if (applied.includes(name)) return false
        await runner.query(up)
        // As Kysely writes it, which earlier releases read.
        await runner.query(
          `INSERT INTO kysely_migration
          VALUES ($1, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`,
          [name],
        )
        return true
      })
      if (isApplied) names.push(name)
    }
    return names
  })
}

/**
 * Undoes the newest step and returns its name, if there was one.
 * @throws StartupError where it is of a later release, or fails
 */
export async function migrateDown(options: MigrateOptions): Promise<string | undefined> {
  return onConnection(options, async (runner) => {
    const newest = (await runner.applied()).at(-1)
    if (newest === undefined) return undefined
    const step = runner.steps.find(({ name }) => name === newest)
    if (!step) {
      throw new StartupError(`${newest} is of another release: undo it with that release`)
    }
    const isUndone = await runner.inTurn(newest, async (applied) => {
      if (applied.at(-1) !== newest) return false
      await runner.query(step.down)
      await runner.query('DELETE FROM kysely_migration WHERE name = $1', [newest])
      return true
    })
    return isUndone ? newest : undefined
  })
}

/** The steps of this release that a database lacks, by their names. */
export function missingOf<Named extends { name: string }>(
  steps: readonly Named[],
  applied: readonly string[],
): Named[] {
  const missing = steps.filter(({ name }) => !applied.includes(name))
  const newest = applied.at(-1)
  const skipped = missing.find(({ name }) => newest !== undefined && name < newest)
  if (skipped) {
    throw new StartupError(
      `the database has ${newest} and not ${skipped.name}: it was migrated by another release`,
    )
  }
  return missing
}

/** The names of the steps that a database has, in their order; none where it never had any. */
export async function readApplied(
  query: (text: string) => Promise<readonly { name: string | null }[]>,
): Promise<string[]> {
  // Asked first: within a transaction, a table that is not there would end it.
  const [table] = await query(`SELECT to_regclass('kysely_migration')::text AS name`)
  if (!table || table.name === null) return []
  const rows = await query('SELECT name FROM kysely_migration ORDER BY name COLLATE "C"')
  return rows.map(({ name }) => name as string)
}

interface Runner {
  steps: readonly Step[]
  missing(applied: readonly string[]): Step[]
  /** The names of what was applied, in their order. */
  applied(): Promise<string[]>
  query(text: string, values?: unknown[]): Promise<unknown>
  /** Runs a step in a transaction while no other runner works, as often as it takes to get its locks. */
  inTurn(name: string, run: (applied: string[]) => Promise<boolean>): Promise<boolean>
}

async function onConnection<Result>(
  { url, log, stopping, directory = MIGRATIONS_DIRECTORY }: MigrateOptions,
  work: (runner: Runner) => Promise<Result>,
): Promise<Result> {
  const steps = await readSteps(directory)
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A statement may say nothing for hours.
    keepAlive: true,
    application_name: 'mindfuse-migrate',
  })
  // One that breaks rejects its query, and emits an event that would end the process.
  client.on('error', () => undefined)

  const applied = () => readApplied(async (text) => (await client.query(text)).rows)
  const pause = (ms: number) => delay(ms, undefined, { signal: stopping })

  /** @returns undefined while another runner works */
  const attempt = async (run: (applied: string[]) => Promise<boolean>) => {
    // Local to the transaction: the connection may be a pooler's.
    await client.query(
      `BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
    )
    try {
      const { rows } = await client.query('SELECT pg_try_advisory_xact_lock($1) AS locked', [
        LOCK_ID,
      ])
      if (!rows[0].locked) {
        await client.query('ROLLBACK')
        return undefined
      }
      await client.query(
        'CREATE TABLE IF NOT EXISTS kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)',
      )
      const result = await run(await applied())
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  const inTurn: Runner['inTurn'] = async (name, run) => {
    let isAnnounced = false
    for (let attempts = 1; ; ) {
      stopping?.throwIfAborted()
      try {
        const result = await attempt(run)
        if (result !== undefined) return result
        if (!isAnnounced) log?.info({ step: name }, 'another process migrates the database')
        isAnnounced = true
        await pause(TURN_INTERVAL_MS)
      } catch (error) {
        const { code = '', message } = error as Error & { code?: string }
        if (!LOCKED.includes(code)) throw isAway(error) ? error : failed(name, error)
        if (attempts === MAX_ATTEMPTS) throw failed(name, error)
        log?.warn({ step: name, attempts, reason: message }, 'a migration waits for a lock')
        attempts++
        await pause(LOCK_PAUSE_MS)
      }
    }
  }

  try {
    await client.connect()
    return await work({
      steps,
      missing: (names) => missingOf(steps, names),
      applied,
      query: (text, values) => client.query(text, values),
      inTurn,
    })
  } finally {
    await client.end().catch(() => undefined)
  }
}

function failed(step: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  return new StartupError(`migration ${step} failed: ${error.message}`, 'migration_failed')
}
