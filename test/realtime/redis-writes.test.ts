import { createDragonflySharedState } from '@mindfuse/shared-state'
import { eventually } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'

const COMMANDS = 1_000

// Of the file's own: it counts what it reads from every connection.
const test = base
  .extend('observer', { scope: 'file' }, ({ redis }, { onCleanup }) => {
    const observer = new Redis(redis.url)
    onCleanup(() => observer.disconnect())
    return observer
  })
  .extend('state', { scope: 'file' }, async ({ redis }, { onCleanup }) => {
    const state = createDragonflySharedState({ url: redis.url, onError: () => undefined })
    onCleanup(() => state.close())
    await eventually('the server answers', () => state.ping().then(() => true))
    return state
  })
  /** How often the server has read from a connection. */
  .extend('countReads', ({ observer }) => async (): Promise<number> => {
    const info = await observer.info('stats')
    return Number(/total_reads_processed:(\d+)/.exec(info)?.[1])
  })

test('commands of one turn of the event loop are one write, answered in their order', async ({
  countReads,
  state,
}) => {
  const before = await countReads()
  const counts = Array.from({ length: COMMANDS }, () => state.rates.increment('key', 60_000))
  const last = state.rates.increment('key', 60_000)
  await Promise.all(counts)

  expect(await last).toMatchObject({ count: COMMANDS + 1 })
  // A read has at most 16 KiB or so, and each of the two connections is pinged now and then.
  expect(await countReads()).toBeLessThan(before + COMMANDS / 10)
})
