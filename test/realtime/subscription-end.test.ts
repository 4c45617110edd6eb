import { encodeUpdate } from '@mindfuse/protocol'
import { eventually } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { testWith } from '../support/fixtures.ts'

const MEBIBYTE = 2 ** 20

/** Pictures that a person pastes at once. */
const BURST = 12

const test = testWith({})
  .extend('stackOptions', { scope: 'file' }, ({ redis }) => ({ redisUrl: redis.url }))
  /** Redis itself: what it lets a subscription be behind, and the subscriptions that it has. */
  .extend('pubsub', async ({ redis, skip }, { onCleanup }) => {
    const admin = new Redis(redis.url)
    onCleanup(() => admin.disconnect())
    // It has no such limit: it slows down who publishes.
    if (/dragonfly/.test(await admin.info('server'))) skip()
    return {
      limit: (bytes: number) =>
        admin.config('SET', 'client-output-buffer-limit', `pubsub ${bytes} 0 0`),
      async ids() {
        const list = String(await admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
        return [...list.matchAll(/\bid=(\d+)/g)].map(([, id]) => id)
      },
    }
  })

/**
 * Shapes, each an edit of a document of its own: edits that build on a refused one leave a gap, and are not
 * refused themselves.
 */
function pictures(name: string, count: number): { keys: string[]; frames: Uint8Array[] } {
  const keys = Array.from({ length: count }, (_, i) => `${name} ${i}`)
  const frames = keys.map((key) => {
    const doc = new Doc()
    doc.getMap('shapes').set(key, 'x'.repeat(0.9 * MEBIBYTE))
    return encodeUpdate(encodeStateAsUpdate(doc))
  })
  return { keys, frames }
}

test('RELAY-1 RELAY-2: of bursts of two people another gateway misses nothing, though Redis ends its subscription', async ({
  pubsub,
  startGateway,
  redis,
  whiteboard,
  stock,
  syncedStock,
  ada,
  alan,
}) => {
  const second = await startGateway({ redisUrl: redis.url, logLevel: 'error' })
  const authors = await Promise.all([ada, alan].map((person) => whiteboard(0, person)))
  const other = await syncedStock()
  const reader = stock(second.realtimeUrl)
  await reader.synced()
  // Less than any of the pictures.
  await pubsub.limit(64 * 1024)
  const before = await pubsub.ids()
  const bursts = ['ada', 'alan'].map((name) => pictures(name, BURST))
  for (const [i, { frames }] of bursts.entries()) {
    for (const frame of frames) authors[i]!.socket.send(frame)
  }
  for (const author of authors) {
    await author.heard('sync:ack', ({ received }) => received === BURST)
  }
  const accepted = bursts.flatMap(({ keys }, i) => {
    const refused = authors[i]!.messages.flatMap((it) =>
      it.type === 'sync:rejected' ? [it.seq] : [],
    )
    return keys.filter((_, k) => !refused.includes(k + 1))
  })
  const shapes = () => reader.doc.getMap('shapes')
  // What is not relayed is received once it is stored, one after another.
  for (const key of accepted) await eventually(`the reader has ${key}`, () => shapes().has(key))
  expect(accepted.length).toBeGreaterThan(BURST / 2)
  const after = await pubsub.ids()
  expect(before.filter((id) => after.includes(id)).length).toBeLessThan(before.length)

  await pubsub.limit(32 * MEBIBYTE)
  other.doc.getMap('shapes').set('after', 1)
  await eventually('and what follows', () => shapes().get('after') === 1)
})
