import { resolvePort } from '@mindfuse/service-kit'
import { describe, expect, inject } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { test as base, INTERNAL_SECRET } from '../support/process-fixtures.ts'

const HOST = '127.0.0.1'
const PERMISSION = '/internal/boards/00000000-0000-4000-8000-000000000001/permission'
const authorization = { authorization: `Internal-Secret ${INTERNAL_SECRET}` }

const test = base.extend('runApi', ({ startApi }) => async (internalPort: number) => {
  const port = await resolvePort(0, HOST)
  return {
    service: startApi({ API_PORT: `${port}`, API_INTERNAL_PORT: `${internalPort}` }),
    publicUrl: `http://${HOST}:${port}`,
    internalUrl: `http://${HOST}:${internalPort}`,
  }
})

describe('an API with an internal port', () => {
  test('STORE-9: answers /internal and /metrics there alone, and all else at both', async ({
    runApi,
  }) => {
    const { service, publicUrl, internalUrl } = await runApi(await resolvePort(0, HOST))
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
      for (const path of ['/live', '/ready']) expect(await status(`${url}${path}`)).toBe(200)
      expect(await status(`${url}/.well-known/jwks.json`)).toBe(200)
    }
    // Both have a connection that is kept alive and idle: it goes all the same.
    expect(await service.stop()).toBe(0)
  })

  test('STOP-4: names the setting where that port is taken', async ({ runApi }) => {
    const first = await runApi(await resolvePort(0, HOST))
    await first.service.untilPrinted(/api ready/)
    const port = new URL(first.internalUrl).port
    const second = await runApi(Number(port))
    expect(await second.service.exitCode()).toBe(1)
    expect(second.service.output()).toContain(`port ${port} is in use`)
    expect(second.service.output()).toContain('set API_INTERNAL_PORT')
  })
})

describe('a gateway with an internal port', () => {
  const runGateway = async (
    start: (entry: string, environment: Record<string, string>) => ServiceProcess,
    environment: Record<string, string>,
  ) => {
    const port = await resolvePort(0, HOST)
    const service = start('apps/realtime/dist/main.js', {
      REALTIME_HOST: HOST,
      REALTIME_PORT: `${port}`,
      REDIS_URL: inject('redisUrl'),
      INTERNAL_SECRET,
      ...environment,
    })
    return { service, publicUrl: `http://${HOST}:${port}` }
  }

  test('answers /metrics there alone, and names the setting where that port is taken', async ({
    start,
  }) => {
    const internalPort = `${await resolvePort(0, HOST)}`
    const settings = { REALTIME_INTERNAL_PORT: internalPort }
    const { service, publicUrl } = await runGateway(start, settings)
    await service.untilPrinted(/gateway listens/)
    const internalUrl = `http://${HOST}:${internalPort}`
    expect(await statusOf(`${internalUrl}/metrics`)).toBe(200)
    expect(await statusOf(`${publicUrl}/metrics`)).toBe(404)
    for (const url of [publicUrl, internalUrl]) {
      expect(await statusOf(`${url}/live`)).toBe(200)
      // There is no API.
      expect(await statusOf(`${url}/ready`)).toBe(503)
    }
    expect(await statusOf(`${internalUrl}/ws`)).toBe(404)

    const second = await runGateway(start, settings)
    expect(await second.service.exitCode()).toBe(1)
    expect(second.service.output()).toContain(`port ${internalPort} is in use`)
    expect(second.service.output()).toContain('set REALTIME_INTERNAL_PORT')
    expect(await service.stop()).toBe(0)
  })

  test.for([
    ['on no port without one', {}, 404],
    ['on its public port where that is asked for', { PUBLIC_METRICS: '1' }, 200],
  ] as const)('%s: /metrics', async ([_, settings, status], { start }) => {
    const { service, publicUrl } = await runGateway(start, settings)
    await service.untilPrinted(/gateway listens/)
    expect(await statusOf(`${publicUrl}/metrics`)).toBe(status)
  })
})

test.for([
  ['without an internal port nobody reads /metrics of the API', {}, 404],
  ['everyone does where that is asked for', { PUBLIC_METRICS: '1' }, 200],
] as const)('%s', async ([_, settings, status], { startApi }) => {
  const port = await resolvePort(0, HOST)
  const service = startApi({ API_PORT: `${port}`, ...settings })
  await service.untilPrinted(/api ready/)
  expect(await statusOf(`http://${HOST}:${port}/metrics`)).toBe(status)
})

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status
}
