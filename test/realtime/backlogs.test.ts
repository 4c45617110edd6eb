import type { Socket } from 'node:net'
import { eventually, type RawClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import { syncDocument } from '../support/continuous-edits.ts'
import { testWith } from '../support/fixtures.ts'

const MEBIBYTE = 2 ** 20

/** Near the send budget of a connection, of which the kernel takes up to a half. */
const EDIT_BYTES = 100_000
const EDITS = 78

/** Connections of one person that do not read. */
const READERS = 50

const test = testWith({ gateways: 0 })
  .extend('gateway', async ({ startGateway, boardId: _ }) => startGateway({ logLevel: 'error' }))
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])
  .extend('rss', ({ gateway }) => async () => {
    return (await gateway.metric('process_resident_memory_bytes')) / MEBIBYTE
  })

const lineOf = ({ socket }: RawClient) => (socket as unknown as { _socket: Socket })._socket

test('LIM-7: of a person who reads nothing only some connections are kept, others keep theirs', async ({
  gateway,
  whiteboard,
  raw,
  alan,
  rss,
}) => {
  const writer = await whiteboard()
  const doc = syncDocument(writer)
  await writer.heard('sync:ack', ({ saved }) => saved === 1)
  const unread = await raw(0, alan)
  const readers = [unread]
  for (let i = 0; i < READERS; i++) readers.push(await raw())
  for (const reader of readers) lineOf(reader).pause()
  const before = await rss()
  for (let i = 0; i < EDITS; i++) {
    doc.getMap('shapes').set(`shape-${i}`, 'x'.repeat(EDIT_BYTES))
    await writer.heard('sync:ack', ({ saved }) => saved === i + 2)
  }
  const left = await gateway.metric('realtime_connections')
  expect(left).toBeGreaterThan(2)
  expect(left).toBeLessThan(READERS)
  expect((await rss()) - before).toBeLessThan(130)
  lineOf(unread).resume()
  await eventually('Alan has all edits', () => unread.frames.length > EDITS)
  expect(unread.closed).toBeUndefined()
})
