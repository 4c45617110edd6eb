import { openDatabase } from '@mindfuse/api'
import { startIdentityProvider } from '@mindfuse/embedded'
import { callApi, createBoard, signIn } from '@mindfuse/testing'
import { type Kysely, sql } from 'kysely'
import { describe, expect } from 'vitest'
import { findPgBouncers, startPgBouncer } from '../support/pgbouncer.ts'
import { pickPort } from '../support/ports.ts'
import { test as base } from './fixtures.ts'

/** Connections of PostgreSQL for all: far fewer than the API opens. */
const SIZE = 2

/** More than an API has connections. */
const PEOPLE = 30

const commands = await findPgBouncers()

const testThrough = (command: string[]) =>
  base.extend('pooled', ({ database }, { onCleanup }) => {
    const stops: (() => Promise<void>)[] = []
    onCleanup(async () => {
      for (const stop of stops) await stop()
    })
    return async (statementTimeoutMs: number) => {
      const options = { size: SIZE, statementTimeoutMs }
      const { url, stop } = await startPgBouncer(command, database.url, options)
      stops.push(stop)
      return url
    }
  })

describe.for(Object.entries(commands))(
  'through %s in transaction mode, the API',
  ([_, command = []]) => {
    const test = testThrough(command).skipIf(command.length === 0)

    test('serves people, and migrates past it', async ({ database, pooled, startApi }) => {
      const identity = await startIdentityProvider({ port: await pickPort() })
      const port = await pickPort()
      const apiUrl = `http://localhost:${port}`
      const api = startApi({
        ...{ API_PORT: `${port}`, OIDC_ISSUER: identity.issuer, RATE_LIMIT_FACTOR: '1000' },
        ...{ DATABASE_URL: await pooled(10_000), DATABASE_POOLER: 'transaction' },
        ...{ MIGRATION_DATABASE_URL: database.url, MIGRATE: '1' },
      })
      await api.untilPrinted(/api ready/)
      const people = await Promise.all(
        Array.from({ length: PEOPLE }, async (_, i) => {
          const { accessToken: token } = await signIn(apiUrl, `p${i}@example.com`)
          const boardId = await createBoard(apiUrl, token)
          const board = await callApi(`${apiUrl}/api/boards/${boardId}`, { token })
          return [board.status, board.body.id === boardId]
        }),
      )
      expect(people).toEqual(Array.from({ length: PEOPLE }, () => [200, true]))
      expect(api.output()).not.toContain('"level":50')
      await api.stop()
      await identity.stop()
    })

    test('keeps its timeouts, and leaves none behind', async ({ pooled }) => {
      const pools = openDatabase({
        ...{ url: await pooled(7_000), pooler: 'transaction', poolSize: 20 },
        onError: () => undefined,
      })
      const timeouts = async (db: Kysely<any>) => {
        const { rows } = await sql<{ timeouts: string }>`
        SELECT concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'),
          current_setting('idle_in_transaction_session_timeout')) AS timeouts`.execute(db)
        return rows[0]?.timeouts
      }
      const { requests, internal } = pools
      expect(await internal.db.transaction().execute(timeouts)).toBe('10s 100ms 10s')
      expect(await requests.db.transaction().execute(timeouts)).toBe('10s 0 10s')
      const all = Array.from({ length: 10 }, () => timeouts(requests.db))
      expect(new Set(await Promise.all(all))).toEqual(new Set(['7s 0 0']))
      await pools.close()
    })

    test('refuses to start where single statements have no timeout', async ({
      pooled,
      startApi,
    }) => {
      const api = startApi({ DATABASE_URL: await pooled(0), DATABASE_POOLER: 'transaction' })
      expect(await api.exitCode()).toBe(1)
      expect(api.lastLine().msg).toMatch(
        /^statements through the pooler have no timeout: run ALTER ROLE /,
      )
    })

    test('refuses to start where it does not know of it, and says what to set', async ({
      pooled,
      startApi,
    }) => {
      const api = startApi({ DATABASE_URL: await pooled(10_000) })
      expect(await api.exitCode()).toBe(1)
      expect(api.lastLine().msg).toMatch(
        /^DATABASE_URL leads to a pooler .*DATABASE_POOLER=transaction$/,
      )
    })
  },
)
