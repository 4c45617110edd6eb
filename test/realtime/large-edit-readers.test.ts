import type { Socket } from 'node:net'
import { decodeFrame, encodeSyncStep1, encodeUpdate } from '@mindfuse/protocol'
import { eventually, type RawClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { testWith } from '../support/fixtures.ts'

const MEBIBYTE = 2 ** 20

const picture = (mebibytes: number) => 'A'.repeat(mebibytes * MEBIBYTE)

const lineOf = ({ socket }: RawClient) => (socket as unknown as { _socket: Socket })._socket

const test = testWith({ gateways: 0 })
  .extend('gateway', async ({ startGateway, boardId: _ }) => startGateway({ logLevel: 'error' }))
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])

/** What a reader has received of the document. */
const receivedBy = ({ frames }: RawClient) => {
  const doc = new Doc()
  for (const bytes of frames) {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'update' || frame.kind === 'sync-step-2') applyUpdate(doc, frame.update)
  }
  return doc
}

test('LIM-7 JOIN-3: that take them slowly are not closed, and hold them in memory once', async ({
  gateway,
  whiteboard,
  raw,
}) => {
  const rss = async () => (await gateway.metric('process_resident_memory_bytes')) / MEBIBYTE
  const writer = await whiteboard()
  const doc = new Doc()
  const readers: RawClient[] = []
  for (let i = 0; i < 30; i++) readers.push(await raw())
  for (const reader of readers) reader.socket.send(encodeSyncStep1(Uint8Array.of(0)))
  await eventually('all are in sync', () => readers.every(({ frames }) => frames.length > 1))
  for (const reader of readers) lineOf(reader).pause()
  const before = await rss()
  let sent = 0
  doc.on('update', (update: Uint8Array) => {
    writer.socket.send(encodeUpdate(update))
    sent++
  })
  for (let i = 0; i < 2; i++) {
    doc.getMap('assets').set(`picture-${i}`, picture(12))
    doc.getMap('assets').set(`after-${i}`, i)
    await writer.heard('sync:ack', ({ saved }) => saved === sent, 60_000)
  }
  // Less than a copy for each of a few of them: the rest is the board itself, and what is on its way.
  expect((await rss()) - before).toBeLessThan(200)
  expect(readers.filter(({ closed }) => closed)).toEqual([])
  for (const reader of readers.slice(0, 5)) {
    lineOf(reader).resume()
    const received = () => reader.frames.reduce((sum, { length }) => sum + length, 0)
    await eventually('it has read it all', () => received() > 24 * MEBIBYTE)
    await eventually('it has everything', () => receivedBy(reader).getMap('assets').size === 4)
    expect(encodeStateVector(receivedBy(reader))).toEqual(encodeStateVector(doc))
  }
  expect(await gateway.metric('realtime_closes_total{code="4508"}')).toBe(0)
})

test('SYNC-4: a reader that asks while it receives one gets everything that it lacks', async ({
  whiteboard,
  raw,
}) => {
  const writer = await whiteboard()
  const first = new Doc()
  first.getMap('assets').set('first', 1)
  writer.socket.send(encodeUpdate(encodeStateAsUpdate(first)))
  await writer.heard('sync:ack', ({ saved }) => saved === 1)
  const reader = await raw()
  lineOf(reader).pause()
  const second = new Doc()
  second.getMap('assets').set('second', picture(12))
  writer.socket.send(encodeUpdate(encodeStateAsUpdate(second)))
  await writer.heard('sync:ack', ({ received }) => received === 2)
  reader.socket.send(encodeSyncStep1(Uint8Array.of(0)))
  lineOf(reader).resume()
  await eventually('it has everything', () => receivedBy(reader).getMap('assets').size === 2)
})
