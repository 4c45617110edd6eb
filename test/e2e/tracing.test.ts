import { resolvePort } from '@mindfuse/service-kit'
import { callApi, connectWhiteboard, createBoard, eventually, signIn } from '@mindfuse/testing'
import { expect, inject } from 'vitest'
import { startCollector } from '../support/otlp-collector.ts'
import type { ServiceProcess } from '../support/process.ts'
import { test as base, INTERNAL_SECRET } from '../support/process-fixtures.ts'

const FOREIGN_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

const test = base
  .extend('collector', async ({ task: _ }, { onCleanup }) => {
    const collector = await startCollector()
    onCleanup(() => collector.stop())
    return collector
  })
  .extend('startAll', ({ start, startApi }) => async (tracing: Record<string, string>) => {
    const ports = await Promise.all([1, 2, 3].map(() => resolvePort(0, 'localhost')))
    const [apiPort, realtimePort, identityPort] = ports
    const common = {
      REDIS_URL: inject('redisUrl'),
      // Others sign in from this address at the same time, and are counted together.
      RATE_LIMIT_FACTOR: '1000',
      INTERNAL_SECRET,
      WEB_ORIGINS: 'https://whiteboard.example',
      ...tracing,
    }
    const identity = start('packages/embedded/dist/identity/main.js', {
      IDENTITY_PORT: `${identityPort}`,
    })
    const api = startApi({
      ...common,
      API_HOST: 'localhost',
      API_PORT: `${apiPort}`,
      OIDC_ISSUER: `http://localhost:${identityPort}`,
      GOOGLE_CLIENT_ID: 'local',
      GOOGLE_CLIENT_SECRET: 'local',
    })
    const gateway = start('apps/realtime/dist/main.js', {
      ...common,
      REALTIME_PORT: `${realtimePort}`,
      API_INTERNAL_URL: `http://localhost:${apiPort}`,
    })
    await identity.untilPrinted(/signs in anyone/)
    await api.untilPrinted(/api ready/)
    await gateway.untilPrinted(/gateway ready/)
    return {
      api,
      gateway,
      apiUrl: `http://localhost:${apiPort}`,
      realtimeUrl: `ws://localhost:${realtimePort}/ws`,
    }
  })
  /** Somebody opens a board, and loses access to it. */
  .extend(
    'loseAccess',
    ({ database }) =>
      async ({ apiUrl, realtimeUrl }: { apiUrl: string; realtimeUrl: string }) => {
        const ada = await signIn(apiUrl, 'ada@example.com')
        const alan = await signIn(apiUrl, 'alan@example.com')
        const boardId = await createBoard(apiUrl, ada.accessToken)
        const member = `${apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
        const insert = `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'editor')`
        await database.query(insert, [boardId, alan.user.id])
        const client = await connectWhiteboard({ realtimeUrl, boardId, token: alan.accessToken })
        await client.heard('hello')
        const { status } = await callApi(member, {
          token: ada.accessToken,
          method: 'DELETE',
          headers: { traceparent: `00-${FOREIGN_TRACE}-00f067aa0ba902b7-01` },
        })
        expect(status).toBe(204)
        expect(await client.closeCode()).toBe(4403)
      },
  )

const linesOf = (service: ServiceProcess): any[] =>
  service
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('one trace leads from a request through its event at the gateway and back to the API', async ({
  startAll,
  collector,
  loseAccess,
}) => {
  const services = await startAll({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
  await loseAccess(services)
  const spanOf = (service: string, name: string, parentSpanId?: string) =>
    eventually(`${service} sent ${name}`, () =>
      collector.spans.find(
        (span) =>
          span.service === service &&
          span.name === name &&
          (parentSpanId === undefined || span.parentSpanId === parentSpanId),
      ),
    )

  const request = await spanOf('api', 'DELETE /api/boards/:boardId/members/:userId')
  const event = await spanOf('realtime', 'board.member_removed', request.spanId)
  const call = await spanOf('realtime', 'POST /internal/authorizations', event.spanId)
  const answer = await spanOf('api', 'POST /internal/authorizations', call.spanId)
  for (const span of [event, call, answer]) expect(span.traceId).toBe(request.traceId)
  expect(request.parentSpanId).toBeUndefined()
  expect(request.attributes).toMatchObject({ 'http.response.status_code': '204' })
  // The API's may end after the gateway has read its answer, so neither has to be the longer one.
  for (const { duration } of [call, answer]) expect(duration).toBeGreaterThan(0)
  // A stranger's: nobody of ours sent it.
  expect(collector.spans.some(({ traceId }) => traceId === FOREIGN_TRACE)).toBe(false)

  const upgrade = await spanOf('realtime', 'upgrade')
  const lookup = await spanOf('realtime', 'POST /internal/authorizations', upgrade.spanId)
  await spanOf('api', 'POST /internal/authorizations', lookup.spanId)

  const inLogs = (service: ServiceProcess) =>
    linesOf(service).filter(({ traceId }) => traceId === request.traceId)
  expect(inLogs(services.api)).toContainEqual(
    expect.objectContaining({ method: 'DELETE', requestId: request.attributes.requestId }),
  )
  expect(inLogs(services.gateway)).toContainEqual(
    expect.objectContaining({ msg: 'event received', type: 'board.member_removed' }),
  )
})

test('what is sampled out is in the logs and not in the traces', async ({
  startAll,
  collector,
  loseAccess,
}) => {
  const services = await startAll({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER_ARG: '0',
  })
  await loseAccess(services)
  expect(await services.gateway.stop()).toBe(0)
  expect(await services.api.stop()).toBe(0)
  expect(collector.spans).toEqual([])
  const { traceId } = linesOf(services.gateway).find(({ msg }) => msg === 'event received')
  expect(linesOf(services.api).some((line) => line.traceId === traceId)).toBe(true)
})

test('a collector that asks for a key gets it from both services, which never log it', async ({
  collector,
  startAll,
  loseAccess,
}) => {
  const services = await startAll({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-a-collector,x-tenant=boards',
    LOG_LEVEL: 'trace',
  })
  await loseAccess(services)
  const both = ['api', 'realtime']
  await eventually('both send spans', () =>
    both.every((name) => collector.spans.some(({ service }) => service === name)),
  )
  for (const headers of collector.headers) {
    expect(headers).toMatchObject({ authorization: 'Bearer of-a-collector', 'x-tenant': 'boards' })
  }
  for (const service of [services.api, services.gateway]) {
    expect(service.output()).not.toContain('of-a-collector')
  }
})

test('a collector that is away changes nothing but a line in the logs', async ({
  collector,
  startAll,
  loseAccess,
}) => {
  const { endpoint } = collector
  await collector.stop()
  const services = await startAll({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
  await loseAccess(services)
  await services.api.untilPrinted(/spans cannot be sent/)
  expect(await services.gateway.stop()).toBe(0)
  expect(await services.api.stop()).toBe(0)
})

test('without a collector nothing is traced', async ({ startAll, loseAccess }) => {
  const services = await startAll({})
  await loseAccess(services)
  for (const service of [services.api, services.gateway]) {
    expect(linesOf(service).filter(({ traceId }) => traceId !== undefined)).toEqual([])
  }
})
