import { callApi, connectWhiteboard, createBoard, eventually, signIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Pauses } from '../support/pauses.ts'
import { addMember } from '../support/people.ts'
import { pickPort } from '../support/ports.ts'
import { test as base } from '../support/process-fixtures.ts'
import { hasRedisServer } from '../support/redis-process.ts'
import { MASTER_ENDS, startWatchedRedis } from '../support/redis-sentinels.ts'
import { startServices } from '../support/services.ts'

/** Each way in which a master ends, in turns, this often all together. */
const FAILOVERS = Number(process.env.REDIS_FAILOVERS ?? 2)

/** For a busy machine, milliseconds. */
const TEST_MS = 60_000 * (1 + FAILOVERS)

const test = base
  .extend('watched', async ({ task: _ }, { onCleanup }) => {
    const watched = await startWatchedRedis()
    onCleanup(() => watched.stop())
    return watched
  })
  .extend('places', async ({ database, watched }, { onCleanup }) => {
    const ports = { api: await pickPort(), realtime: await pickPort(), identity: await pickPort() }
    const { REDIS_URL: redisUrl, ...settings } = watched.settings
    const services = await startServices({
      databaseUrl: database.url,
      redisUrl,
      ports,
      environment: { ...settings, PUBLIC_METRICS: '1' },
    })
    onCleanup(async () => void (await services.stop()))
    const [apiUrl, gatewayUrl] = [ports.api, ports.realtime].map(
      (port) => `http://localhost:${port}`,
    )
    return { apiUrl: apiUrl!, gatewayUrl: gatewayUrl! }
  })

test.skipIf(!hasRedisServer)(
  'both services follow a failover of Sentinel by themselves, and who was removed stays out',
  async ({ database, watched, places }) => {
    const { apiUrl, gatewayUrl } = places
    const realtimeUrl = `${gatewayUrl.replace('http', 'ws')}/ws`
    const isUp = async (url: string) =>
      (await (await fetch(`${url}/metrics`)).text()).includes('\nredis_up 1\n')
    const untilUp = () =>
      eventually(
        'both reach the master',
        async () => (await isUp(apiUrl)) && (await isUp(gatewayUrl)),
        30_000,
      )
    await untilUp()

    const pauses = new Pauses()
    const ada = await signIn(apiUrl, 'ada@example.com')
    const boardId = await createBoard(apiUrl, ada.accessToken)
    for (let i = 0; i < FAILOVERS; i++) {
      const way = MASTER_ENDS[i % MASTER_ENDS.length]!
      const guest = await signIn(apiUrl, `guest-${i}@example.com`)
      await addMember({ database }, boardId, guest, 'editor')
      const join = () => connectWhiteboard({ realtimeUrl, boardId, token: guest.accessToken })
      const client = await join()
      const before = await watched.masterPort()

      const failedAt = performance.now()
      const sinceMs = () => Math.round(performance.now() - failedAt)
      await watched.fail(before, way)
      // Removed while no server takes writes, most likely.
      const member = `${apiUrl}/api/boards/${boardId}/members/${guest.user.id}`
      const { status } = await callApi(member, { token: ada.accessToken, method: 'DELETE' })
      expect([202, 204]).toContain(status)
      await eventually('the guest is out', () => client.closed, 10_000)
      pauses.add('until who was removed was out', sinceMs())
      await expect(join()).rejects.toHaveProperty('status')

      await eventually(
        'there is another master',
        async () => (await watched.masterPort()) !== before,
        30_000,
      )
      const electedMs = sinceMs()
      await untilUp()
      pauses.add(`${way}, until another master was there`, electedMs)
      pauses.add(`${way}, until both services reached it`, sinceMs())
      await expect(join()).rejects.toHaveProperty('status')
      await watched.rejoin(before, way)
    }
    process.stdout.write(`${FAILOVERS} failovers of Sentinel\n${pauses}`)
  },
  TEST_MS,
)
