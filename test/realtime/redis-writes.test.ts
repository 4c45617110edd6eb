import { createDragonflySharedState, type SharedState } from '@mindfuse/shared-state'
import { eventually, type RedisServer, startRedis } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pickPort } from '../support/ports.ts'

const COMMANDS = 1_000

let redis: RedisServer
let state: SharedState
let observer: Redis

beforeAll(async () => {
  // Of its own: it counts what it reads from everybody.
  redis = await startRedis({ port: await pickPort() })
  observer = new Redis(redis.url)
  state = createDragonflySharedState({ url: redis.url, onError: () => undefined })
  await eventually('the server answers', () => state.ping().then(() => true))
})
afterAll(async () => {
  observer.disconnect()
  await state.close()
  await redis.stop()
})

/** How often the server has read from a connection. */
async function countReads(): Promise<number> {
  const info = await observer.info('stats')
  return Number(/total_reads_processed:(\d+)/.exec(info)?.[1])
}

test('commands of one turn of the event loop are one write, answered in their order', async () => {
  const before = await countReads()
  const sets = Array.from({ length: COMMANDS }, (_, i) =>
    state.permissions.set('board', 'user', { role: 'editor', version: i, canBroadcast: true }),
  )
  const last = state.permissions.get('board', 'user')
  await Promise.all(sets)

  expect(await last).toMatchObject({ version: COMMANDS - 1 })
  // A read has at most 16 KiB or so, and each of the two connections is pinged now and then.
  expect(await countReads()).toBeLessThan(before + COMMANDS / 10)
})
