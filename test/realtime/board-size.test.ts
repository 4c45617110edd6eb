import { encodeUpdate, MAX_BOARD_BYTES } from '@mindfuse/protocol'
import { eventually, type WhiteboardClient } from '@mindfuse/testing'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { testWith } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'

const MEBIBYTE = 1024 * 1024

/** How long a board may take to be merged, and its clients to be notified, milliseconds. */
const MERGED_WITHIN_MS = 120_000

const test = testWith({ gateways: 2 })
  /**
   * Draws on one document by the hands of four people in turns, as each may send half of a board at once.
   * `draw` resolves with what became of the edit.
   */
  .extend('drawer', ({ stack, boardId, person, whiteboard }) => async (team: string) => {
    const clients = await Promise.all(
      [1, 2, 3, 4].map(async (number) => {
        const who = await person(`${team}-${number}`)
        await addMember(stack, boardId, who, 'editor')
        return { client: await whiteboard(0, who), sent: 0 }
      }),
    )
    const [{ client }] = clients as [(typeof clients)[0]]
    const doc = new Y.Doc()
    let update: Uint8Array = new Uint8Array()
    doc.on('update', (made: Uint8Array) => {
      update = made
    })
    let edits = 0
    const send = async (bytes: Uint8Array): Promise<string> => {
      const hand = clients[edits++ % clients.length] as (typeof clients)[0]
      const seq = ++hand.sent
      const { client } = hand
      client.socket.send(encodeUpdate(bytes))
      await client.heard('sync:ack', ({ saved }) => saved >= seq, MERGED_WITHIN_MS)
      const refusal = client.messages.find((it) => it.type === 'sync:rejected' && it.seq === seq)
      return refusal?.type === 'sync:rejected' ? refusal.code : 'saved'
    }
    const draw = async (change: (shapes: Y.Map<unknown>) => void): Promise<string> => {
      change(doc.getMap('shapes'))
      let fate = await send(update)
      if (fate !== 'rate_limited') return fate
      await eventually(
        'it is decided',
        async () => {
          fate = await send(Y.encodeStateAsUpdate(doc))
          return fate !== 'rate_limited'
        },
        MERGED_WITHIN_MS,
      )
      return fate
    }
    return { client, draw }
  })
  /** What is stored of the board, bytes. */
  .extend('storedBytes', ({ as, ada, boardId }) => async (): Promise<number> => {
    const { body } = await as(ada, `/api/boards/${boardId}/document`)
    return (body as { bytes: number }).bytes
  })

const sizesOf = ({ messages }: WhiteboardClient) =>
  messages.flatMap((message) => (message.type === 'board:size' ? [message.share] : []))

test('LIM-5: a value of 900 KB that is replaced again and again never fills the board', async ({
  drawer,
  whiteboard,
  storedBytes,
}) => {
  const { client, draw } = await drawer('churn')
  // More than a gateway keeps of a board.
  for (let i = 0; i < 130; i++) {
    const fate = await draw((shapes) => shapes.set('picture', `${i}`.padStart(900_000, 'x')))
    expect(fate).toBe('saved')
  }
  expect(sizesOf(client).every((share) => share < 0.1)).toBe(true)
  const { board } = await (await whiteboard()).heard('hello')
  expect(board?.maxBytes).toBe(MAX_BOARD_BYTES)
  expect(board?.bytes).toBeLessThan(2 * MEBIBYTE)
  const elsewhere = await whiteboard(1)
  expect((await elsewhere.heard('board:size')).bytes).toBeLessThan(2 * MEBIBYTE)
  await eventually('it is merged', async () => (await storedBytes()) < 40 * MEBIBYTE, 40_000)
})

test('LIM-22 LIM-23: a full board that is half emptied counts half once it is merged, and takes edits', {
  timeout: 300_000,
}, async ({ drawer, whiteboard, storedBytes }) => {
  const { client, draw } = await drawer('full')
  const quarter = 'x'.repeat(MAX_BOARD_BYTES / 4 - 64 * 1024)
  for (const key of ['a', 'b', 'c', 'd']) {
    expect(await draw((shapes) => shapes.set(key, quarter))).toBe('saved')
  }
  await client.heard('board:size', ({ share }) => share > 0.99)
  const { board } = await (await whiteboard()).heard('hello')
  expect(board?.share).toBeGreaterThan(0.99)

  // Another gateway fetches edits of this size once they are stored.
  const elsewhere = await whiteboard(1)
  await elsewhere.heard('board:size', ({ share }) => share > 0.99, MERGED_WITHIN_MS)
  elsewhere.socket.send(encodeUpdate(pictureOf(MEBIBYTE / 2)))
  await elsewhere.heard('sync:rejected', ({ code }) => code === 'board_full')

  expect(await draw((shapes) => shapes.delete('a'))).toBe('saved')
  expect(await draw((shapes) => shapes.delete('b'))).toBe('saved')
  await client.heard('board:size', ({ share }) => share < 0.6, MERGED_WITHIN_MS)
  await elsewhere.heard('board:size', ({ share }) => share < 0.6, MERGED_WITHIN_MS)
  elsewhere.socket.send(encodeUpdate(pictureOf(MEBIBYTE / 2)))
  await elsewhere.heard('sync:ack', ({ saved }) => saved === 2)
  await eventually(
    'what is stored is as small',
    async () => (await storedBytes()) < 0.6 * MAX_BOARD_BYTES,
    MERGED_WITHIN_MS,
  )
})

test('LIM-22: a board that cannot be merged is full once it is as large as it may be kept', async ({
  drawer,
  stack,
  boardId,
}) => {
  const { draw } = await drawer('unmergeable')
  await stack.database.query(
    `UPDATE board_documents SET build_failure = 'broken', build_failed_seq = 1, build_failed_at = now()
     WHERE board_id = $1`,
    [boardId],
  )
  const fates: string[] = []
  while (fates.at(-1) !== 'board_full') {
    const picture = `${fates.length}`.padStart(8 * MEBIBYTE, 'x')
    fates.push(await draw((shapes) => shapes.set('picture', picture)))
  }
  // 96 MiB, and nothing is promised beyond: a merge was tried when it was half full.
  expect(fates).toEqual([...Array.from({ length: 11 }, () => 'saved'), 'board_full'])
})

/** An edit of a client of its own. */
function pictureOf(bytes: number): Uint8Array {
  const doc = new Y.Doc()
  doc.getMap('shapes').set('picture', 'x'.repeat(bytes))
  return Y.encodeStateAsUpdate(doc)
}
