import { randomBytes } from 'node:crypto'
import { CLOSE_CODES } from '@mindfuse/protocol'
import { callApi, connectRaw, eventually, type RawClient, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { testWith } from '../support/fixtures.ts'

const MEBIBYTE = 2 ** 20

/** Of boards, and of the memory for them; one person may have 20 MiB of it. */
const BOARD_BYTES = 12 * MEBIBYTE
const OPEN_BOARDS_MIB = 80

const test = testWith({ gateways: 0 })
  .extend('gateway', async ({ startGateway, boardId: _ }) =>
    startGateway({ logLevel: 'error', openBoards: OPEN_BOARDS_MIB }),
  )
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])
  .extend('largeBoard', ({ stack, newBoard }) => async () => {
    const doc = new Doc()
    doc.getText('text').insert(0, randomBytes(BOARD_BYTES / 2).toString('hex'))
    const boardId = await newBoard()
    await stack.database.query(
      `UPDATE board_documents SET seq = seq + 1, snapshot_seq = seq + 1, snapshot = $2 WHERE board_id = $1`,
      [boardId, Buffer.from(encodeStateAsUpdate(doc))],
    )
    return boardId
  })
  .extend('open', ({ gateway, clients }) => async (boardId: string, who: SignedIn) => {
    const url = `${gateway.realtimeUrl}/${boardId}?token=${who.accessToken}`
    return clients.keep(await connectRaw(url))
  })

const isLoaded = (client: RawClient) =>
  eventually('the board is loaded', () => client.frames.length > 0)

test('LIM-15: a person who has too much open opens no more, and everybody else does', async ({
  ada,
  alan,
  largeBoard,
  open,
  gateway,
}) => {
  const boards = [await largeBoard(), await largeBoard(), await largeBoard()]
  const clients: RawClient[] = []
  for (const boardId of boards.slice(0, 2)) {
    const client = await open(boardId, ada)
    await isLoaded(client)
    clients.push(client)
  }
  const refused = { status: 429, code: 'too_much_open' }
  await expect(open(boards[2]!, ada)).rejects.toEqual(refused)
  const explanation = await callApi(
    `${gateway.realtimeUrl.replace('ws:', 'http:')}/${boards[2]}?token=${ada.accessToken}`,
  )
  expect(explanation).toMatchObject({ status: 429, body: { code: 'too_much_open' } })
  // What is open stays open, and Ada can join what Alan opened.
  await isLoaded(await open(boards[0]!, ada))
  await isLoaded(await open(boards[2]!, alan))
  await isLoaded(await open(boards[2]!, ada))
  clients[0]!.destroy()
  expect(await gateway.metric('realtime_board_bytes')).toBeGreaterThan(3 * BOARD_BYTES)
})

test('LIM-15 LIM-16: of many that are opened at once only as many are loaded', async ({
  ada,
  alan,
  largeBoard,
  open,
  gateway,
}) => {
  const boards = await Promise.all(Array.from({ length: 8 }, largeBoard))
  const clients = await Promise.all(boards.map((boardId) => open(boardId, ada)))
  await eventually('each is loaded or closed', () =>
    clients.every(({ frames, closed }) => frames.length > 0 || closed !== undefined),
  )
  const closed = clients.flatMap(({ closed }) => closed ?? [])
  expect(closed.length).toBeGreaterThanOrEqual(5)
  for (const client of clients) {
    if (client.closed) expect(await client.closeCode()).toBe(CLOSE_CODES.STORAGE_UNAVAILABLE)
  }
  expect(await gateway.metric('realtime_board_bytes')).toBeLessThan(4 * BOARD_BYTES)
  const refusedId = boards[clients.findIndex(({ closed }) => closed !== undefined)]!
  await isLoaded(await open(refusedId, alan))

  for (const client of clients) client.destroy()
  await eventually('there is room again', async () => {
    await isLoaded(await open(boards.find((id) => id !== refusedId)!, ada))
    return true
  })
})
