import { encodeSyncStep2, encodeUpdate, MAX_BOARD_BYTES } from '@mindfuse/protocol'
import { eventually, type WhiteboardClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { testWith } from '../support/fixtures.ts'

const MEBIBYTE = 1024 * 1024

/** How long a board may take to be merged, and its clients to be notified, milliseconds. */
const MERGED_WITHIN_MS = 20_000

const test = testWith({ gateways: 2 })
  /** A client that draws on a document of its own. */
  .extend('drawer', ({ whiteboard }) => async () => {
    const client = await whiteboard()
    const doc = new Y.Doc()
    let sent = 0
    doc.on('update', (update: Uint8Array) => {
      const encode = update.length < MEBIBYTE - 64 ? encodeUpdate : encodeSyncStep2
      client.socket.send(encode(update))
      sent++
    })
    let rejected = 0
    const saved = (behind = 0) =>
      eventually(
        'it is saved',
        () => {
          const { length } = rejectionsOf(client)
          // As the SDK does. Without what was deleted since, it is smaller than the edits were.
          if (length > rejected) {
            client.socket.send(encodeSyncStep2(Y.encodeStateAsUpdate(doc)))
            sent++
          }
          rejected = length
          const acks = client.messages.filter(({ type }) => type === 'sync:ack')
          const last = acks.at(-1) as { saved: number } | undefined
          return last && last.saved >= sent - behind
        },
        MERGED_WITHIN_MS,
      )
    return { client, doc, saved }
  })
  /** What is stored of the board, bytes. */
  .extend('storedBytes', ({ as, ada, boardId }) => async (): Promise<number> => {
    const { body } = await as(ada, `/api/boards/${boardId}/document`)
    return (body as { bytes: number }).bytes
  })

const rejectionsOf = ({ messages }: WhiteboardClient) =>
  messages.flatMap((message) => (message.type === 'sync:rejected' ? [message.code] : []))

const sizesOf = ({ messages }: WhiteboardClient) =>
  messages.flatMap((message) => (message.type === 'board:size' ? [message.share] : []))

test('LIM-5: a value of 900 KB that is replaced again and again never fills the board', {
  timeout: 120_000,
}, async ({ drawer, whiteboard, storedBytes }) => {
  const { client, doc, saved } = await drawer()
  // Three times what a board may have.
  for (let i = 0; i < 220; i++) {
    doc.getMap('shapes').set('picture', `${i}`.padStart(900_000, 'x'))
    // No more than a person may have unsaved.
    await saved(8)
  }
  await saved()
  // At full speed it may be too fast to be merged, which passes.
  expect(new Set(rejectionsOf(client))).not.toContain('board_full')
  expect(sizesOf(client).every((share) => share < 0.1)).toBe(true)
  const { board } = await (await whiteboard()).heard('hello')
  expect(board?.maxBytes).toBe(MAX_BOARD_BYTES)
  expect(board?.bytes).toBeLessThan(2 * MEBIBYTE)
  const elsewhere = await whiteboard(1)
  expect((await elsewhere.heard('board:size')).bytes).toBeLessThan(2 * MEBIBYTE)
  await eventually('it is merged', async () => (await storedBytes()) < 40 * MEBIBYTE, 40_000)
})

test('LIM-22 LIM-23: a full board that is half emptied counts half within seconds, and takes edits', {
  timeout: 120_000,
}, async ({ drawer, whiteboard, storedBytes }) => {
  const { client, doc, saved } = await drawer()
  const shapes = doc.getMap('shapes')
  for (const key of ['a', 'b', 'c', 'd']) {
    shapes.set(key, 'x'.repeat(MAX_BOARD_BYTES / 4 - 64 * 1024))
    await saved()
  }
  await client.heard('board:size', ({ share }) => share > 0.99)
  const { board } = await (await whiteboard()).heard('hello')
  expect(board?.share).toBeGreaterThan(0.99)

  const full = await whiteboard(1)
  full.socket.send(encodeUpdate(pictureOf(MEBIBYTE / 2)))
  await full.heard('sync:rejected', ({ code }) => code === 'board_full', MERGED_WITHIN_MS)

  shapes.delete('a')
  shapes.delete('b')
  await client.heard('board:size', ({ share }) => share < 0.6, MERGED_WITHIN_MS)
  await full.heard('board:size', ({ share }) => share < 0.6, MERGED_WITHIN_MS)
  full.socket.send(encodeUpdate(pictureOf(MEBIBYTE / 2)))
  await full.heard('sync:ack', ({ saved }) => saved === 2)
  expect(rejectionsOf(client)).toEqual([])
  await eventually(
    'what is stored is as small',
    async () => (await storedBytes()) < 0.6 * MAX_BOARD_BYTES,
    MERGED_WITHIN_MS,
  )
})

test('LIM-22: a board that cannot be merged is full once it is as large as it may be kept', {
  timeout: 120_000,
}, async ({ whiteboard, stack, boardId }) => {
  const client = await whiteboard()
  await stack.database.query(
    `UPDATE board_documents SET build_failure = 'broken', build_failed_seq = 1, build_failed_at = now()
     WHERE board_id = $1`,
    [boardId],
  )
  const doc = new Y.Doc()
  let sent = 0
  doc.on('update', (update: Uint8Array) => {
    client.socket.send(encodeSyncStep2(update))
    sent++
  })
  while (rejectionsOf(client).length === 0) {
    doc.getMap('shapes').set('picture', `${sent}`.padStart(8 * MEBIBYTE, 'x'))
    await client.heard('sync:ack', ({ saved }) => saved === sent, MERGED_WITHIN_MS)
  }
  // 96 MiB, and no more is promised: a merge was tried when half of a board was reached.
  expect(sent).toBe(12)
  expect(rejectionsOf(client)).toEqual(['board_full'])
})

/** An edit of a client of its own. */
function pictureOf(bytes: number): Uint8Array {
  const doc = new Y.Doc()
  doc.getMap('shapes').set('picture', 'x'.repeat(bytes))
  return Y.encodeStateAsUpdate(doc)
}
