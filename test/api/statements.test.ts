import { openDatabase } from '@mindfuse/api'
import { eventually } from '@mindfuse/testing'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { prepared } from '../../apps/api/src/db/prepared.ts'
import { test as base } from '../support/process-fixtures.ts'

const test = base
  .extend('pool', async ({ database }, { onCleanup }) => {
    const pool = openDatabase({ url: database.url, poolSize: 1, onError: () => undefined })
    onCleanup(() => pool.close())
    await database.query('CREATE TABLE things (id int, said text, at timestamptz)')
    await database.query(`INSERT INTO things VALUES (1, 'one', '2030-01-01'), (2, NULL, NULL)`)
    return pool
  })
  .extend(
    'thing',
    ({ pool }) =>
      (id: number) =>
        sql`SELECT * FROM things WHERE id = ${id}`.execute(pool.db),
  )
  /** Those of the pool, which makes new ones. */
  .extend('endConnections', ({ database, pool }) => async () => {
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'mindfuse-api'`,
    )
    await eventually('the pool has noticed', () => pool.requests.stats().total === 0)
  })

const divide = prepared(['divisor'], (db, { divisor }) =>
  db.selectNoFrom(sql<number>`1 / ${divisor}::int`.as('quotient')),
)

describe('a statement with parameters', () => {
  test('is prepared once a connection', async ({ thing, pool }) => {
    for (const id of [1, 2, 1]) await thing(id)
    const { rows } = await sql`
      SELECT generic_plans + custom_plans AS runs FROM pg_prepared_statements
      WHERE statement LIKE '%FROM things%'`.execute(pool.db)
    expect(rows).toEqual([{ runs: 3 }])
  })

  test('answers each time with its own rows', async ({ thing }) => {
    const answers = await Promise.all([1, 2, 3, 1].map(thing))
    const one = { id: 1, said: 'one', at: new Date('2030-01-01T00:00:00Z') }
    const two = { id: 2, said: null, at: null }
    expect(answers.map(({ rows }) => rows)).toEqual([[one], [two], [], [one]])
  })

  test('has the columns of today on a connection that was made after a migration', async ({
    thing,
    database,
    endConnections,
  }) => {
    await thing(1)
    await database.query('ALTER TABLE things DROP COLUMN said')
    await database.query('ALTER TABLE things ADD COLUMN said int DEFAULT 7')
    await endConnections()
    const { rows } = await thing(1)
    const at = new Date('2030-01-01T00:00:00Z')
    expect(rows).toEqual([{ id: 1, at, said: 7 }])
  })

  test('that fails leads to who asked', async ({ pool }) => {
    async function askWrongly() {
      await divide(pool.db, { divisor: '0' })
    }
    await expect(askWrongly()).rejects.toMatchObject({
      code: '22012',
      stack: expect.stringContaining('askWrongly'),
    })
  })
})
