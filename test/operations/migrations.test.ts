import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { migrateUp } from '@mindfuse/api'
import { createLogger } from '@mindfuse/service-kit'
import { eventually } from '@mindfuse/testing'
import { Client } from 'pg'
import { describe, expect } from 'vitest'
import { migrateDown } from '../../apps/api/src/db/migrate.ts'
import { pickPort } from '../support/ports.ts'
import { test as base } from './fixtures.ts'

/** Longer than a query of the API may take. */
const LONG_SECONDS = 12

const LOG = createLogger({ service: 'test', level: 'silent' })

const test = base
  /** A connection besides. */
  .extend('other', async ({ empty }, { onCleanup }) => {
    const client = new Client({ connectionString: empty.url })
    client.on('error', () => undefined)
    await client.connect()
    onCleanup(() => client.end())
    return client
  })
  /** Makes a directory of steps, each with what applies it. */
  .extend('steps', async ({ task: _ }, { onCleanup }) => {
    const directories: string[] = []
    onCleanup(async () => {
      for (const directory of directories) await rm(directory, { recursive: true })
    })
    return async (steps: Record<string, string>) => {
      const directory = await mkdtemp(join(tmpdir(), 'mindfuse-steps-'))
      directories.push(directory)
      for (const [name, up] of Object.entries(steps)) {
        const text = `-- migrate:up\n${up};\n-- migrate:down\nSELECT 1;\n`
        await writeFile(join(directory, `${name}.sql`), text)
      }
      return pathToFileURL(`${directory}/`)
    }
  })

describe('a migration', () => {
  test('may take longer than any query of the API, whatever the role is allowed', async ({
    empty,
    other,
    steps,
  }) => {
    await other.query(`DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET statement_timeout = 1000', current_database());
    END $$`)
    const directory = await steps({ '1_long': `SELECT pg_sleep(${LONG_SECONDS})` })
    expect(await migrateUp({ url: empty.url, directory })).toEqual(['1_long'])
  })

  test('waits for a long reader without making others wait for long', async ({
    empty,
    other,
    steps,
  }) => {
    const one = { '1_table': 'CREATE TABLE things (id int)' }
    await migrateUp({ url: empty.url, directory: await steps(one) })
    await other.query('BEGIN; SELECT * FROM things')
    let waits = 0
    const warn = () => {
      waits++
    }
    const directory = await steps({ ...one, '2_column': 'ALTER TABLE things ADD name text' })
    const running = migrateUp({
      url: empty.url,
      directory,
      log: Object.assign({ ...LOG }, { warn }),
    })

    await eventually('the migration waits', async () => {
      const [{ count }] = await empty.query(
        `SELECT count(*)::int FROM pg_locks WHERE NOT granted AND relation = 'things'::regclass`,
      )
      return count > 0
    })
    // Behind the migration, which gives up its place.
    await empty.query(`SET statement_timeout = 10000; SELECT * FROM things`)
    await eventually('the migration pauses', () => waits > 0)
    expect((await other.query('SELECT count(*) FROM things')).rows).toEqual([{ count: '0' }])

    await other.query('COMMIT')
    expect(await running).toEqual(['2_column'])
  })

  test('is applied once by two runners, the second of which holds nothing while it waits', async ({
    empty,
    other,
    steps,
  }) => {
    const directory = await steps({
      '1_held': `CREATE TABLE held (); SELECT pg_advisory_xact_lock(1)`,
      '2_after': 'CREATE TABLE after ()',
    })
    await other.query('SELECT pg_advisory_lock(1)')
    let isSecondWaiting = false
    const info = () => {
      isSecondWaiting = true
    }
    const retried = Object.assign({ ...LOG }, { info })
    const first = migrateUp({ url: empty.url, directory })
    await eventually('the first works', async () => {
      const rows = await empty.query(
        `SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'`,
      )
      return rows.length > 0
    })
    const second = migrateUp({ url: empty.url, directory, log: retried })
    await eventually('the second waits', () => isSecondWaiting)
    await eventually('it holds nothing', async () => {
      const [{ states }] = await empty.query(
        `SELECT array_agg(state ORDER BY state)::text[] AS states FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'mindfuse-migrate'`,
      )
      return `${states}` === 'active,idle'
    })
    await other.query('SELECT pg_advisory_unlock(1)')
    expect((await Promise.all([first, second])).flat().toSorted()).toEqual(['1_held', '2_after'])
  })

  test('ends its wait when the process stops', async ({ empty, other, steps }) => {
    await empty.query('CREATE TABLE things ()')
    await other.query('BEGIN; SELECT * FROM things')
    const directory = await steps({ '1_column': 'ALTER TABLE things ADD name text' })
    const stopping = new AbortController()
    const log = Object.assign({ ...LOG }, { warn: () => stopping.abort() })
    await expect(
      migrateUp({ url: empty.url, directory, log, stopping: stopping.signal }),
    ).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  })
})

describe('releases', () => {
  test('leave a newer schema as it is, and do not undo what they do not know', async ({
    empty,
    steps,
  }) => {
    const { url } = empty
    const known = { '1_table': 'CREATE TABLE things ()' }
    const newer = await steps({ ...known, '2_newer': 'CREATE TABLE newer ()' })
    await migrateUp({ url, directory: newer })
    const directory = await steps(known)
    expect(await migrateUp({ url, directory })).toEqual([])
    await expect(migrateDown({ url, directory })).rejects.toThrow(
      '2_newer is of another release: undo it with that release',
    )
    expect(await migrateDown({ url, directory: newer })).toBe('2_newer')
  })

  test('refuse a schema that went another way', async ({ empty, steps }) => {
    const { url } = empty
    await migrateUp({ url, directory: await steps({ '2_theirs': 'CREATE TABLE theirs ()' }) })
    const directory = await steps({ '1_ours': 'CREATE TABLE ours ()' })
    await expect(migrateUp({ url, directory })).rejects.toThrow(
      'the database has 2_theirs and not 1_ours',
    )
  })

  test('serve on a newer schema, whether they migrate or not', async ({ database, startApi }) => {
    await database.query(`INSERT INTO kysely_migration VALUES ('999_newer', '2100-01-01')`)
    const apis = ['0', '1'].map((MIGRATE) => startApi({ MIGRATE }))
    await Promise.all(apis.map((api) => api.untilPrinted(/api ready/)))
  })

  test('wait on an older schema, not ready, until it is migrated', async ({ empty, startApi }) => {
    const port = await pickPort()
    const api = startApi({ API_PORT: `${port}`, DATABASE_URL: empty.url })
    await api.untilPrinted(/the database lacks the migrations 001_auth, /)
    const { status } = await eventually('it answers', () =>
      fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined),
    )
    expect(status).toBe(503)
    await migrateUp({ url: empty.url })
    await api.untilPrinted(/api ready/)
    const isReady = async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok
    await eventually('it is ready', isReady)
  })
})
