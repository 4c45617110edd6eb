import { eventually, type WhiteboardClient } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend('stackOptions', { scope: 'file' }, ({ redis }) => ({ redisUrl: redis.url, gateways: 2 }))
  .extend('store', async ({ redis }, { onCleanup }) => {
    const store = new Redis(redis.url)
    store.on('error', () => undefined)
    onCleanup(() => store.disconnect())
    return store
  })

/** The versions of drafts that a client was sent. */
const versionsOf = ({ messages }: WhiteboardClient) =>
  messages
    .flatMap((message) => (message.type === 'draft:sync' ? message.drafts : []))
    .map(({ change }) => ('version' in change ? change.version : undefined))

test('DRAFT-1: drafts go on within a gateway while Dragonfly is empty or away, and across gateways after', async ({
  whiteboard,
  redis,
  store,
  alan,
}) => {
  const [sender, beside, across] = [
    await whiteboard(),
    await whiteboard(0, alan),
    await whiteboard(1),
  ]
  const send = (version: number) =>
    sender.say({ type: 'draft:update', drafts: [{ id: 'stroke', version, value: version }] })
  const seen = (client: WhiteboardClient, version: number) =>
    eventually(`version ${version} arrives`, () => versionsOf(client).includes(version))
  send(1)
  for (const client of [beside, across]) await seen(client, 1)
  await store.flushall()
  send(2)
  for (const client of [beside, across]) await seen(client, 2)
  await redis.stop()
  send(3)
  await seen(beside, 3)
  await redis.start()
  // As the SDK does each second: a client that missed one receives the next.
  await eventually('drafts cross again', () => {
    send(4)
    return versionsOf(across).includes(4)
  })
  expect(sender.closed).toBeUndefined()
})
