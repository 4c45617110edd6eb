import { connect, type Socket } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@mindfuse/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startProcess } from '../support/process.ts'

const PROMPT_EXIT_MS = 5_000

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase(inject('templateUrl'))
})
afterAll(() => database.drop())

test('STOP-1: a connection that asks nothing, as browsers open them, does not keep the API', async () => {
  const service = startProcess('apps/api/dist/main.js', {
    API_HOST: '127.0.0.1',
    API_PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: inject('redisUrl'),
    INTERNAL_SECRET: 'x'.repeat(16),
    OIDC_ISSUER: 'http://localhost:1',
    GOOGLE_CLIENT_ID: 'test',
    GOOGLE_CLIENT_SECRET: 'test',
    MIGRATE: '0',
  })
  const [, port] = await service.untilPrinted(/"port":(\d+).*"msg":"api ready"/)
  const silent = await new Promise<Socket>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(socket))
  })
  silent.on('error', () => undefined)
  const signalledAt = performance.now()
  expect(await service.stop('SIGTERM')).toBe(0)
  expect(performance.now() - signalledAt).toBeLessThan(PROMPT_EXIT_MS)
  silent.destroy()
})
