import { eventually, startRedis } from '@mindfuse/testing'
import { expect } from 'vitest'
import { pickPort } from '../support/ports.ts'
import type { ServiceProcess } from '../support/process.ts'
import { test as base, INTERNAL_SECRET } from '../support/process-fixtures.ts'

const HOST = '127.0.0.1'

/** What Kubernetes gives a probe of ours, milliseconds. */
const PROBE_TIMEOUT_MS = 5_000

/** For a busy machine, milliseconds. */
const TEST_MS = 180_000

/** What a probe gets: the status and the body, or `timeout`. */
async function probe(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    return [response.status, await response.json()]
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'timeout' : 'refused'
  }
}

/** Waits until a probe gets `answer`. */
const untilProbed = (url: string, answer: unknown) =>
  eventually(
    `${url} answers ${JSON.stringify(answer)}`,
    async () => {
      try {
        expect(await probe(url)).toEqual(answer)
        return true
      } catch {
        return false
      }
    },
    60_000,
  )

const notReady = (...reasons: string[]) => [503, { ready: false, reasons }]
const READY = [200, { ready: true }]
const LIVE = [200, { live: true }]

const test = base.extend('places', async ({ task: _ }) => {
  const [redis, api, gateway] = [await pickPort(), await pickPort(), await pickPort()]
  return {
    redisPort: redis,
    redisUrl: `redis://${HOST}:${redis}`,
    apiPort: api,
    apiUrl: `http://${HOST}:${api}`,
    gatewayPort: gateway,
    gatewayUrl: `http://${HOST}:${gateway}`,
  }
})

/** The reasons that a gateway has logged, each time that it did. */
const logged = ({ output }: ServiceProcess) =>
  output()
    .split('\n')
    .filter((line) => line.includes('"gateway is not ready"'))
    .map((line) => JSON.parse(line).reasons)

test(
  'a gateway is ready once it reaches the API with its secret, and Redis; it says why not, once',
  async ({ places, start, startApi, onTestFinished }) => {
    const { redisPort, redisUrl, apiPort, apiUrl, gatewayPort, gatewayUrl } = places
    const gateway = start('apps/realtime/dist/main.js', {
      REALTIME_HOST: HOST,
      REALTIME_PORT: `${gatewayPort}`,
      API_INTERNAL_URL: apiUrl,
      REDIS_URL: redisUrl,
      INTERNAL_SECRET,
    })
    await gateway.untilPrinted(/gateway listens/)
    const ready = `${gatewayUrl}/ready`
    await untilProbed(ready, notReady('api_unavailable', 'redis_unreachable'))
    expect(await probe(`${gatewayUrl}/live`)).toEqual(LIVE)
    await gateway.untilPrinted(/gateway is not ready/)
    expect(logged(gateway)).toEqual([['api_unavailable', 'redis_unreachable']])

    const redis = await startRedis({ port: redisPort })
    onTestFinished(() => redis.stop())
    await untilProbed(ready, notReady('api_unavailable'))

    const settings = { API_PORT: `${apiPort}`, REDIS_URL: redisUrl }
    const stranger = startApi({ ...settings, INTERNAL_SECRET: 'y'.repeat(16) })
    await stranger.untilPrinted(/api ready/)
    await untilProbed(ready, notReady('internal_secret_refused'))
    await stranger.stop()

    const api = startApi(settings)
    await api.untilPrinted(/api ready/)
    await untilProbed(ready, READY)
    await gateway.untilPrinted(/gateway ready/)
    const changes = logged(gateway).map(String)
    expect(changes.filter((reasons, i) => reasons === changes[i - 1])).toEqual([])
  },
  TEST_MS,
)

test(
  'kill -STOP of each process is seen by probes, and of what it serves by those of the others',
  async ({ places, start, startApi, onTestFinished }) => {
    const { redisPort, redisUrl, apiPort, apiUrl, gatewayPort, gatewayUrl } = places
    const redis = await startRedis({ port: redisPort })
    onTestFinished(() => redis.stop())
    const settings = { REDIS_URL: redisUrl, PUBLIC_METRICS: '1' }
    const api = startApi({ ...settings, API_PORT: `${apiPort}` })
    const gateway = start('apps/realtime/dist/main.js', {
      ...settings,
      REALTIME_HOST: HOST,
      REALTIME_PORT: `${gatewayPort}`,
      API_INTERNAL_URL: apiUrl,
      INTERNAL_SECRET,
    })
    // A process that is stopped would not end with the test.
    onTestFinished(() => {
      for (const { child } of [api, gateway]) child.kill('SIGCONT')
    })
    await api.untilPrinted(/api ready/)
    await gateway.untilPrinted(/gateway ready/)
    const redisUp = async (url: string) =>
      /\nredis_up (\d)\n/.exec(await (await fetch(url)).text())?.[1]
    const untilRedisUp = async (value: string) => {
      for (const url of [`${apiUrl}/metrics`, `${gatewayUrl}/metrics`]) {
        await eventually(`${url} has ${value}`, async () => (await redisUp(url)) === value, 60_000)
      }
    }

    await untilRedisUp('1')
    redis.signal('SIGSTOP')
    await untilRedisUp('0')
    expect(await probe(`${apiUrl}/health`)).toEqual([
      200,
      { status: 'degraded', db: 'ok', redis: 'down' },
    ])
    // Boards go on without it.
    for (const url of [apiUrl, gatewayUrl]) expect(await probe(`${url}/ready`)).toEqual(READY)
    redis.signal('SIGCONT')
    await untilRedisUp('1')

    api.child.kill('SIGSTOP')
    await untilProbed(`${gatewayUrl}/ready`, notReady('api_unavailable'))
    expect(await probe(`${apiUrl}/live`)).toBe('timeout')
    expect(await probe(`${gatewayUrl}/live`)).toEqual(LIVE)
    api.child.kill('SIGCONT')
    await untilProbed(`${gatewayUrl}/ready`, READY)

    gateway.child.kill('SIGSTOP')
    expect(await probe(`${gatewayUrl}/live`)).toBe('timeout')
    expect(await probe(`${apiUrl}/live`)).toEqual(LIVE)
    gateway.child.kill('SIGCONT')
    await untilProbed(`${gatewayUrl}/ready`, READY)
  },
  TEST_MS,
)
