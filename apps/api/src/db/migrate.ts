import { readdir, readFile } from 'node:fs/promises'
import { type MigrationProvider, Migrator, sql } from 'kysely'
import type { Database } from './database.ts'

/** The repository's `migrations/`, seen from `src/db` as from `dist/db`. */
const MIGRATIONS_DIRECTORY = new URL('../../../../migrations/', import.meta.url)

const SECTIONS = /^-- migrate:up\n(?<up>.*?)^-- migrate:down\n(?<down>.*)$/ms

/** Applies every step that is missing and returns the names of those applied now. */
export async function migrateUp(db: Database): Promise<string[]> {
  const { error, results = [] } = await createMigrator(db).migrateToLatest()
  if (error) throw error
  return results.map((result) => result.migrationName)
}

/** Undoes the newest step and returns its name, if there was one. */
export async function migrateDown(db: Database): Promise<string | undefined> {
  const { error, results = [] } = await createMigrator(db).migrateDown()
  if (error) throw error
  return results[0]?.migrationName
}

/** Kysely's Migrator takes an advisory lock, so that several APIs may start at once. */
function createMigrator(db: Database): Migrator {
  return new Migrator({ db, provider: sqlFiles })
}

const sqlFiles: MigrationProvider = {
  async getMigrations() {
    const files = (await readdir(MIGRATIONS_DIRECTORY)).filter((file) => file.endsWith('.sql'))
    const steps = await Promise.all(
      files.map(async (file) => {
        const { up, down } = parse(
          file,
          await readFile(new URL(file, MIGRATIONS_DIRECTORY), 'utf8'),
        )
        const step = {
          up: (db: Database) => execute(db, up),
          down: (db: Database) => execute(db, down),
        }
        return [file.replace(/\.sql$/, ''), step] as const
      }),
    )
    return Object.fromEntries(steps)
  },
}

/** Without the pool's timeout, which is meant for requests; `SET LOCAL` ends with the run. */
async function execute(db: Database, text: string): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db)
  await sql.raw(text).execute(db)
}

function parse(file: string, text: string): { up: string; down: string } {
  const sections = SECTIONS.exec(text)?.groups
  if (!sections?.up || !sections.down) {
    throw new Error(`${file} needs a "-- migrate:up" and a "-- migrate:down" section`)
  }
  return { up: sections.up, down: sections.down }
}
