import { resolvePort } from '@mindfuse/service-kit'
import { createTestDatabase, type TestDatabase } from '@mindfuse/testing'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { type ServiceProcess, startProcess } from '../support/process.ts'

const HOST = '127.0.0.1'
const INTERNAL_SECRET = 'x'.repeat(16)
const PERMISSION = '/internal/boards/00000000-0000-4000-8000-000000000001/permission'
const authorization = { authorization: `Internal-Secret ${INTERNAL_SECRET}` }

let database: TestDatabase
const started: ServiceProcess[] = []
beforeEach(async () => {
  database = await createTestDatabase(inject('templateUrl'))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop('SIGKILL')))
  await database.drop()
})

async function startApi(internalPort: number) {
  const port = await resolvePort(0, HOST)
  const service = startProcess('apps/api/dist/main.js', {
    API_HOST: HOST,
    API_PORT: `${port}`,
    API_INTERNAL_PORT: `${internalPort}`,
    DATABASE_URL: database.url,
    REDIS_URL: inject('redisUrl'),
    INTERNAL_SECRET,
    GOOGLE_CLIENT_ID: 'test',
    GOOGLE_CLIENT_SECRET: 'test',
    MIGRATE: '0',
  })
  started.push(service)
  return {
    service,
    publicUrl: `http://${HOST}:${port}`,
    internalUrl: `http://${HOST}:${internalPort}`,
  }
}

describe('an API with an internal port', () => {
  test('STORE-9: answers /internal and /metrics there alone, and all else at both', async () => {
    const { service, publicUrl, internalUrl } = await startApi(await resolvePort(0, HOST))
    await service.untilPrinted(/api ready/)
    const status = async (url: string, headers: Record<string, string> = {}) =>
      (await fetch(url, { headers })).status
    const query = '?userId=00000000-0000-4000-8000-000000000002'

    expect(await status(`${internalUrl}${PERMISSION}${query}`, authorization)).toBe(200)
    expect(await status(`${internalUrl}${PERMISSION}${query}`)).toBe(401)
    expect(await status(`${internalUrl}/metrics`)).toBe(200)
    const refused = await fetch(`${publicUrl}${PERMISSION}${query}`, { headers: authorization })
    expect(refused.status).toBe(404)
    expect(await refused.json()).toMatchObject({ code: 'route_not_found' })
    expect(await status(`${publicUrl}/metrics`)).toBe(404)
    for (const url of [publicUrl, internalUrl]) {
      expect(await status(`${url}/ready`)).toBe(200)
      expect(await status(`${url}/.well-known/jwks.json`)).toBe(200)
    }
    // Both have a connection that is kept alive and idle: it goes all the same.
    expect(await service.stop()).toBe(0)
  })

  test('STOP-4: names the setting where that port is taken', async () => {
    const first = await startApi(await resolvePort(0, HOST))
    await first.service.untilPrinted(/api ready/)
    const port = new URL(first.internalUrl).port
    const second = await startApi(Number(port))
    expect(await second.service.exitCode()).toBe(1)
    expect(second.service.output()).toContain(`port ${port} is in use`)
    expect(second.service.output()).toContain('set API_INTERNAL_PORT')
  })
})
