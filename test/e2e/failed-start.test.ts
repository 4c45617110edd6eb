import { type AddressInfo, createServer } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@mindfuse/testing'
import { afterEach, beforeEach, expect, inject, onTestFinished, test } from 'vitest'
import { startProcess } from '../support/process.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase(inject('templateUrl'))
})
afterEach(() => database.drop())

/** Builds an API that cannot be built, and closes what it passed in. Nothing makes it exit but being done. */
const START = `
import { buildApi, openDatabase } from '@mindfuse/api'
import { createLogger } from '@mindfuse/service-kit'
import { createMemorySharedState } from '@mindfuse/shared-state'

const { DATABASE_URL, ASSETS_DIR } = process.env
const database = openDatabase({ url: DATABASE_URL, poolSize: 5, onError: console.error })
const sharedState = createMemorySharedState()
const { subscribe } = sharedState.events
let opened = 0
let closed = 0
sharedState.events.subscribe = (listener) => {
  const unsubscribe = subscribe(listener)
  opened++
  return () => {
    closed++
    unsubscribe()
  }
}
const failure = await buildApi({
  database,
  sharedState,
  log: createLogger({ service: 'test', level: 'silent' }),
  publicUrl: 'http://localhost:8080',
  webOrigins: ['http://localhost:8080'],
  internalSecret: 'a-secret-of-gateways',
  identityProviders: [
    { id: 'x', name: 'x', issuer: 'http://localhost', clientId: 'x', clientSecret: 'x', key: 'x' },
  ],
  web: ASSETS_DIR && { assetsDir: ASSETS_DIR, page: '', contentSecurityPolicy: '' },
}).then(() => 'none', (error) => error.message)
let busy = 0
for (const purpose of ['requests', 'urgent', 'internal', 'publishing']) {
  const { total, idle, waiting } = database[purpose].stats()
  busy += total - idle + waiting
}
console.log(JSON.stringify({ failure, opened, closed, busy }))
await database.close()
`

const start = (environment: Record<string, string>) =>
  startProcess(
    '--input-type=module',
    { DATABASE_URL: database.url, ...environment },
    {
      args: ['-e', START],
    },
  )

test('an API that lacks a table opens nothing, and the process ends by itself', async () => {
  await database.query('DROP TABLE signing_keys')
  const service = start({})
  expect(await service.exitCode()).toBe(0)
  expect(JSON.parse(service.output())).toEqual({
    failure: 'relation "signing_keys" does not exist',
    opened: 0,
    closed: 0,
    busy: 0,
  })
})

test('a service that cannot start says why in one line of its log, with a code', async () => {
  const environment = {
    DATABASE_URL: database.url,
    REDIS_URL: inject('redisUrl'),
    INTERNAL_SECRET: 'a-secret-of-gateways',
    GOOGLE_CLIENT_ID: 'x',
    GOOGLE_CLIENT_SECRET: 'x',
  }
  await database.query('DROP TABLE signing_keys')
  const taken = createServer().listen(0)
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const starts = [
    // Not expected: the stack is in the line as well.
    [
      startProcess('apps/api/dist/main.js', { ...environment, API_PORT: '0' }),
      { service: 'api', code: '42P01', msg: 'relation "signing_keys" does not exist' },
    ],
    [
      startProcess('apps/realtime/dist/main.js', { ...environment, REALTIME_PORT: `${port}` }),
      { service: 'realtime', code: 'EADDRINUSE', msg: expect.stringContaining(`port ${port}`) },
    ],
  ] as const
  for (const [service, line] of starts) {
    expect(await service.exitCode()).toBe(1)
    expect(service.lastLine()).toMatchObject({ level: 60, ...line })
    for (const text of service.output().trimEnd().split('\n')) JSON.parse(text)
  }
})

test('what was opened before the last plugin failed is closed, and the process ends by itself', async () => {
  const service = start({ ASSETS_DIR: 'not/absolute' })
  expect(await service.exitCode()).toBe(0)
  expect(JSON.parse(service.output())).toEqual({
    failure: expect.stringContaining('absolute'),
    // Of the session cache and of the event streams.
    opened: 2,
    closed: 2,
    busy: 0,
  })
})
