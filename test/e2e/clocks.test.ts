import { CLOSE_CODES } from '@mindfuse/protocol'
import { CLOCK_TOLERANCE_SECONDS } from '@mindfuse/service-kit'
import { connectWhiteboard, eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Clock } from '../faults/clock.ts'
import { testWith } from '../support/fixtures.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { test as testOfApi } from '../support/process-fixtures.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'

const HOUR_SECONDS = 3_600

/** How far off a measured skew may be, seconds: the `Date` header has whole ones, and the machine may be busy. */
const PRECISION_SECONDS = 3

const test = testWith({ gateways: 0 })
  .extend('clock', async ({ task: _ }, { onCleanup }) => {
    const clock = new Clock()
    onCleanup(() => clock.remove())
    return clock
  })
  /** A gateway whose clock can be set; that of the API, which signs, is right. */
  .extend('gateway', async ({ stack, clock }, { onCleanup }) => {
    const gateway = await startGatewayProcess(stack, { environment: clock.environment })
    onCleanup(async () => {
      await gateway.stop('SIGKILL')
    })
    return gateway
  })
  /** Connects with a token that lives for a minute, and ends its connection. */
  .extend('connect', ({ stack, gateway, ada, boardId, atEnd }) => async () => {
    const lifeSeconds = 60 + CLOCK_TOLERANCE_SECONDS
    const { token } = await shortLivedToken(stack, ada, lifeSeconds, { until: undefined })
    const client = await connectWhiteboard({ realtimeUrl: gateway.realtimeUrl, boardId, token })
    atEnd(() => client.destroy())
    await client.heard('hello')
    return client
  })

test('ADM-4 AUTH-8: a gateway whose clock is off by less than a minute takes tokens of a minute', async ({
  clock,
  gateway,
  connect,
}) => {
  const skewIs = (seconds: number) =>
    eventually(`the skew is ${seconds} s`, async () => {
      const measured = await gateway.metric('realtime_clock_skew_seconds')
      return Math.abs(measured - seconds) < PRECISION_SECONDS
    })
  const clients = []
  for (const seconds of [-55, 45]) {
    clock.set(seconds * 1_000)
    await skewIs(seconds)
    clients.push(await connect())
  }
  expect(gateway.output()).not.toContain('clocks differ')

  clock.set(HOUR_SECONDS * 1_000)
  await skewIs(HOUR_SECONDS)
  await gateway.untilPrinted(/"aheadSeconds":3\d{3},"msg":"the clocks differ too much"/)
  // Its tokens have ended by this clock, and it has looked since, every second.
  await expect(connect()).rejects.toMatchObject({ status: 401 })
  for (const client of clients) {
    client.say({ type: 'ping' })
    await client.heard('pong')
    expect(client.closed).not.toBe(CLOSE_CODES.TOKEN_EXPIRED)
  }
  clock.set(0)
  await skewIs(0)
  await connect()
  await gateway.untilPrinted(/the clocks agree again/)
})

testOfApi(
  'an API whose clock is an hour ahead of that of PostgreSQL says so',
  async ({ startApi, onTestFinished }) => {
    const clock = new Clock()
    onTestFinished(() => clock.remove())
    clock.set(HOUR_SECONDS * 1_000)
    const api = startApi(clock.environment)
    await api.untilPrinted(/"other":"PostgreSQL","aheadSeconds":3\d{3},"msg":"the clocks differ/)
  },
)
