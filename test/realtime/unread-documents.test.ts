import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import {
  CLOSE_CODES,
  decodeFrame,
  encodeSyncStep1,
  encodeVarUints,
  MAX_STATE_VECTOR_BYTES,
} from '@mindfuse/protocol'
import { eventually, type RawClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs'
import { syncDocument } from '../support/continuous-edits.ts'
import { testWith } from '../support/fixtures.ts'

const MEBIBYTE = 2 ** 20

/** As many as made 1.5 GB of it. */
const READERS = 45

const test = testWith({ gateways: 0 })
  .extend('gateway', async ({ startGateway, boardId: _ }) => startGateway({ logLevel: 'error' }))
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])
  .extend('rss', ({ gateway }) => async () => {
    return (await gateway.metric('process_resident_memory_bytes')) / MEBIBYTE
  })
  /** Stores the board's snapshot: one client's texts, and an object of another's that is small. */
  .extend('storeBoard', ({ stack, boardId }) => async (texts: number, bytes: number) => {
    const doc = new Doc()
    for (let i = 0; i < texts; i++) {
      const text = new Doc()
      text.getText(`text-${i}`).insert(0, randomBytes(bytes / 2).toString('hex'))
      applyUpdate(doc, encodeStateAsUpdate(text))
    }
    applyUpdate(doc, KNOWN_UPDATE)
    await stack.database.query(
      `UPDATE board_documents SET seq = seq + 1, snapshot_seq = seq + 1, snapshot = $2 WHERE board_id = $1`,
      [boardId, Buffer.from(encodeStateAsUpdate(doc))],
    )
  })

/** What a reader knows already, so that it is answered with a diff. */
const KNOWN = new Doc()
KNOWN.clientID = 7
KNOWN.getMap('shapes').set('a', 1)
const KNOWN_UPDATE = encodeStateAsUpdate(KNOWN)
const SMALL_STEP_1 = encodeSyncStep1(Uint8Array.of(1, 7, 1))

const lineOf = ({ socket }: RawClient) => (socket as unknown as { _socket: Socket })._socket

function receivedDoc({ frames }: RawClient): Doc {
  const doc = new Doc()
  for (const bytes of frames) {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'sync-step-2' || frame.kind === 'update') applyUpdate(doc, frame.update)
  }
  return doc
}

test.for<[what: string, texts: number, bytes: number]>([
  ['one text of 20 MB', 1, 20_000_000],
  ['2,000 texts of 3 KB, which are no parts of the document’s memory', 2_000, 3_000],
])(
  'JOIN-3 JOIN-5: diffs that nobody reads stay in memory once: %s',
  async ([_, texts, bytes], { gateway, storeBoard, raw, whiteboard, newBoard, alan, rss }) => {
    await storeBoard(texts, bytes)
    const bystander = await whiteboard(0, alan, await newBoard())
    const doc = syncDocument(bystander)
    await bystander.heard('sync:ack', ({ saved }) => saved === 1)
    const readers: RawClient[] = []
    for (let i = 0; i < READERS; i++) readers.push(await raw())
    const before = await rss()
    const ask = (reader: RawClient) => {
      lineOf(reader).pause()
      reader.socket.send(SMALL_STEP_1)
    }
    // There is room for some answers alone: the first is among them.
    const [first, ...others] = readers as [RawClient, ...RawClient[]]
    const answered = () => gateway.metric('realtime_answers_total{path="diff"}')
    const answeredBefore = await answered()
    ask(first)
    await eventually('it is answered', async () => (await answered()) > answeredBefore)
    others.forEach(ask)
    for (let i = 0; i < 20; i++) {
      doc.getMap('shapes').set('bystander', i)
      await bystander.heard('sync:ack', ({ saved }) => saved === i + 2)
    }
    expect((await rss()) - before).toBeLessThan(150)
    // They lack nothing that they have not read.
    lineOf(first).resume()
    const hasEverything = () => receivedDoc(first).share.size === texts
    await eventually('it has everything', hasEverything, 60_000)
  },
)

test('JOIN-6: a client whose state vector is over 2 MiB, or has very many clients, gets the board', async ({
  storeBoard,
  raw,
}) => {
  await storeBoard(1, 1_000)
  const oversized = await raw()
  oversized.socket.send(encodeSyncStep1(new Uint8Array(MAX_STATE_VECTOR_BYTES + 1)))
  await eventually('it has the board', () => receivedDoc(oversized).share.size === 2)

  const longTime = await raw()
  const clients = Array.from({ length: 60_000 }, (_, i) => [7 + i, 1]).flat()
  longTime.socket.send(encodeSyncStep1(encodeVarUints([60_000, ...clients])))
  await eventually('it has the board', () => receivedDoc(longTime).share.size === 2)
})

test('JOIN-7: a client that still receives a document when it is replaced is closed with 4508', async ({
  gateway,
  stack,
  boardId,
  storeBoard,
  raw,
}) => {
  await storeBoard(1, 20_000_000)
  const slow = await raw()
  lineOf(slow).pause()
  slow.socket.send(SMALL_STEP_1)
  await eventually(
    'it is sent',
    async () => (await gateway.metric('realtime_answers_total{path="diff"}')) > 0,
  )
  await stack.database.query(
    `UPDATE board_documents SET seq = seq + 1, snapshot_seq = seq + 1 WHERE board_id = $1`,
    [boardId],
  )
  await eventually(
    'it is cut off',
    async () => (await gateway.metric('realtime_connections')) === 0,
  )
  lineOf(slow).resume()
  expect(await slow.closeCode()).toBe(CLOSE_CODES.TOO_SLOW)
})
