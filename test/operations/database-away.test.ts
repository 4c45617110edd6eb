import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Link } from '../faults/link.ts'
import { pickPort } from '../support/ports.ts'
import { haltPostmaster, signalIfAlive } from '../support/postmaster.ts'
import { test } from './fixtures.ts'

/** Longer than an answer that asks nobody takes, and shorter than a query that nobody answers. */
const AT_ONCE_MS = 8_000

test('probes and metrics of an API answer at once while PostgreSQL answers nothing', async ({
  database,
  startApi,
}) => {
  const url = new URL(database.url)
  const server = Number(url.port)
  const link = await Link.open('API → PostgreSQL', await pickPort(), () => [server])
  url.port = `${link.port}`
  const port = await pickPort()
  const get = async (path: string) => {
    const signal = AbortSignal.timeout(AT_ONCE_MS)
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal })
    return { status: response.status, text: await response.text() }
  }
  const api = startApi({ API_PORT: `${port}`, DATABASE_URL: url.href, PUBLIC_METRICS: '1' })
  await api.untilPrinted(/api ready/)
  const becomes = (status: number) =>
    eventually(`/ready answers ${status}`, async () => (await get('/ready')).status === status)
  await becomes(200)
  expect((await get('/metrics')).text).toContain('\ndatabase_up 1\n')

  link.partition()
  await becomes(503)
  const { status, text } = await get('/metrics')
  expect(status).toBe(200)
  for (const line of [
    'database_up 0',
    'outbox_lag_seconds ',
    'http_request_duration_seconds_count{',
  ]) {
    expect(text).toContain(`\n${line}`)
  }
  expect(JSON.parse((await get('/health')).text)).toMatchObject({ db: 'down' })

  link.heal()
  await becomes(200)
  await link.close()
})

test('an API that starts before PostgreSQL waits, says why, and serves once it is there', async ({
  postgres,
  startApi,
}) => {
  const port = await pickPort()
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  const environment = {
    DATABASE_URL: postgres.url('postgres'),
    MIGRATE: '1',
    PUBLIC_METRICS: '1',
  }
  const api = startApi({ API_PORT: `${port}`, ...environment })
  await api.untilPrinted(/"reason":"connect ECONNREFUSED [^"]*","msg":"waiting for the database"/)
  const ready = await eventually('it answers', () => get('/ready').catch(() => undefined))
  expect(ready.status).toBe(503)
  expect(await (await get('/metrics')).text()).toContain('\ndatabase_up 0\n')
  const refusal = await get('/api/boards')
  expect(refusal.status).toBe(503)
  expect(await refusal.json()).toMatchObject({ code: 'unavailable' })
  expect(refusal.headers.get('retry-after')).toBe('5')

  await postgres.start()
  await api.untilPrinted(/api ready/)
  await eventually('it is ready', async () => (await get('/ready')).status === 200)

  expect(api.output()).not.toContain('    at ')

  await postgres.kill()
  await eventually('it is not ready', async () => (await get('/ready')).status === 503)
  await postgres.start()
  await eventually('it is ready', async () => (await get('/ready')).status === 200)
  await api.untilPrinted(/"attempts":\d+,"seconds":\d+,"msg":"events are published again"/)
  // A line for each reason, and none for each attempt.
  const reasons = api
    .output()
    .split('\n')
    .filter((line) => line.includes('events could not be published'))
    .map((line) => JSON.parse(line).err.message)
  expect(reasons.length).toBeGreaterThan(0)
  expect(new Set(reasons).size).toBe(reasons.length)
})

test('an API that waits for PostgreSQL stops in order', async ({ postgres, startApi }) => {
  const api = startApi({ DATABASE_URL: postgres.url('postgres') })
  await api.untilPrinted(/waiting for the database/)
  expect(await api.stop()).toBe(0)
})

test('kill -STOP of PostgreSQL is seen by readiness and metrics of an API, which lives, and serves again after', async ({
  postgres,
  startApi,
  onTestFinished,
}) => {
  await postgres.start()
  const port = await pickPort()
  const get = async (path: string) => {
    const signal = AbortSignal.timeout(AT_ONCE_MS)
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal })
    return { status: response.status, text: await response.text() }
  }
  const becomes = (status: number) =>
    eventually(
      `/ready answers ${status}`,
      async () => (await get('/ready')).status === status,
      60_000,
    )
  const api = startApi({
    ...{ API_PORT: `${port}`, DATABASE_URL: postgres.url('postgres') },
    ...{ MIGRATE: '1', PUBLIC_METRICS: '1' },
  })
  await api.untilPrinted(/api ready/)
  await becomes(200)

  const pids = await haltPostmaster(postgres.directory)
  const goOn = () => {
    for (const pid of pids) signalIfAlive(pid, 'SIGCONT')
  }
  onTestFinished(goOn)
  for (const pid of pids) signalIfAlive(pid, 'SIGSTOP')
  await becomes(503)
  expect((await get('/live')).status).toBe(200)
  const { status, text } = await get('/metrics')
  expect(status).toBe(200)
  expect(text).toContain('\ndatabase_up 0\n')
  expect(JSON.parse((await get('/health')).text)).toMatchObject({ db: 'down' })

  goOn()
  await becomes(200)
  expect((await get('/metrics')).text).toContain('\ndatabase_up 1\n')
}, 180_000)
