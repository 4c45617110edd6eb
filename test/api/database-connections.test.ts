import { openDatabase } from '@mindfuse/api'
import { eventually } from '@mindfuse/testing'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { isAway } from '../../apps/api/src/db/away.ts'
import { Link } from '../faults/link.ts'
import { pickPort } from '../support/ports.ts'
import { test } from '../support/process-fixtures.ts'

test('a connection that breaks in use fails its transaction and nothing else', async ({
  database,
}) => {
  const pool = openDatabase({ url: database.url, poolSize: 1, onError: () => undefined })
  const isRunning = async (pid: number) =>
    (await database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).length > 0

  const transaction = pool.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx)
    const pid = rows[0]!.pid
    await database.query('SELECT pg_terminate_backend($1)', [pid])
    // Broken between two statements, when no query is there to be told.
    await eventually('the backend is gone', async () => !(await isRunning(pid)))
    await sql`SELECT 1`.execute(tx)
  })
  await expect(transaction).rejects.toThrow()

  const { rows } = await sql<{ one: number }>`SELECT 1 AS one`.execute(pool.db)
  expect(rows).toEqual([{ one: 1 }])
  await pool.close()
})

/** Before a gateway gives up a batch and sends it again, milliseconds. */
const IDLE_GONE_WITHIN_MS = 9_000

test('connections that never answer again are given up, idle ones first, and locks are not kept', async ({
  database,
}) => {
  const url = new URL(database.url)
  const server = Number(url.port)
  const link = await Link.open('API → PostgreSQL', await pickPort(), () => [server])
  url.port = `${link.port}`
  const pool = openDatabase({ url: url.href, poolSize: 20, onError: () => undefined })
  await Promise.all([1, 2, 3].map(() => sql`SELECT pg_sleep(0.1)`.execute(pool.db)))
  const { stats } = pool.requests
  expect(stats().idle).toBe(3)

  const severedAt = performance.now()
  let isSevered = false
  const transaction = pool.db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(1)`.execute(tx)
    link.sever()
    isSevered = true
    await sql`SELECT 1`.execute(tx)
  })
  await eventually('it is severed', () => isSevered)
  const broken = [transaction, sql`SELECT 1`.execute(pool.db)].map((query) =>
    expect(query).rejects.toSatisfy(isAway),
  )
  await eventually('the idle ones are gone', () => stats().total === broken.length)
  expect(performance.now() - severedAt).toBeLessThan(IDLE_GONE_WITHIN_MS)
  const lock = eventually(
    'the lock is free',
    async () => (await database.query('SELECT pg_try_advisory_lock(1) AS free'))[0].free,
    20_000,
  )
  await Promise.all(broken)
  const { rows } = await sql<{ one: number }>`SELECT 1 AS one`.execute(pool.db)
  expect(rows).toEqual([{ one: 1 }])
  await lock
  await pool.close()
  await link.close()
})
