import { expect } from 'vitest'
import { pickPort } from '../support/ports.ts'
import { INTERNAL_SECRET, test } from '../support/process-fixtures.ts'
import { hasRedisServer, startRedisProcess } from '../support/redis-process.ts'

test.skipIf(!hasRedisServer)(
  'both services refuse a Redis Cluster with one line, also one that comes up later',
  async ({ startApi, start, onTestFinished }) => {
    const port = await pickPort()
    const environment = { REDIS_URL: `redis://127.0.0.1:${port}`, LOG_LEVEL: 'error' }
    const services = [
      startApi(environment),
      start('apps/realtime/dist/main.js', {
        REALTIME_HOST: '127.0.0.1',
        REALTIME_PORT: '0',
        INTERNAL_SECRET,
        ...environment,
      }),
    ]
    const cluster = await startRedisProcess(() => [
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''],
      ...['--cluster-enabled', 'yes'],
    ])
    onTestFinished(() => cluster.stop())
    for (const service of services) {
      expect(await service.exitCode()).toBe(1)
      expect(service.lastLine()).toMatchObject({
        level: 60,
        msg:
          'REDIS_URL is a node of a Redis Cluster, which Mindfuse cannot use: ' +
          'set it to a server without cluster mode, or use Sentinel (REDIS_SENTINELS)',
      })
    }
  },
)
