import { CLOSE_CODES, encodeUpdate } from '@mindfuse/protocol'
import { callApi, createBoard, eventually } from '@mindfuse/testing'
import * as decoding from 'lib0/decoding'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { testWith } from '../support/fixtures.ts'

const KIBIBYTE = 1024
const QUOTA_BYTES = 256 * KIBIBYTE

/** How long gateways may take to learn what is stored elsewhere, or no longer, milliseconds. */
const LEARNED_WITHIN_MS = 15_000

const test = testWith({
  gateways: 2,
  quotaLimits: {
    storageBytesPerWorkspace: QUOTA_BYTES,
    storageBytesPerPerson: 1.5 * QUOTA_BYTES,
  },
}).extend('boardOf', ({ stack, person }) => async (name: string) => {
  const who = await person(name)
  const boardId = await createBoard(stack.apiUrl, who.accessToken)
  const call = (method: string, path: string) =>
    callApi(`${stack.apiUrl}${path}`, { token: who.accessToken, method })
  return { who, boardId, call }
})

/** An update with so much text. */
function textOf(bytes: number): Uint8Array {
  const doc = new Doc()
  doc.getText('text').insert(0, 'x'.repeat(bytes))
  return encodeStateAsUpdate(doc)
}

test('STORE-15: once storage is used up, edits are rejected on every gateway, until it is freed', async ({
  stack,
  whiteboard,
  boardOf,
}) => {
  const { who, boardId, call } = await boardOf('drawer')
  const [first, second] = await Promise.all([0, 1].map((at) => whiteboard(at, who, boardId)))
  if (!first || !second) throw new Error('not connected')
  first.socket.send(encodeUpdate(textOf(QUOTA_BYTES)))
  await first.heard('sync:ack', ({ saved }) => saved === 1)
  first.socket.send(encodeUpdate(textOf(100)))
  expect(await first.heard('sync:rejected')).toMatchObject({ seq: 2, code: 'quota_exceeded' })
  // The other gateway learns of it with the next round.
  await eventually('it is rejected there', async () => {
    second.socket.send(encodeUpdate(textOf(100)))
    return second.messages.some(
      (message) => message.type === 'sync:rejected' && message.code === 'quota_exceeded',
    )
  })

  // Another board of the workspace rejects the first edit, and one of another person does not.
  const other = await createBoard(stack.apiUrl, who.accessToken)
  const onOther = await whiteboard(0, who, other)
  onOther.socket.send(encodeUpdate(textOf(100)))
  expect(await onOther.heard('sync:rejected')).toMatchObject({ seq: 1, code: 'quota_exceeded' })
  const bystander = await boardOf('bystander')
  const elsewhere = await whiteboard(0, bystander.who, bystander.boardId)
  elsewhere.socket.send(encodeUpdate(textOf(100)))
  await elsewhere.heard('sync:ack', ({ saved }) => saved === 1)
  expect(elsewhere.messages.some(({ type }) => type === 'sync:rejected')).toBe(false)

  await call('DELETE', `/api/boards/${boardId}`)
  expect(await first.closeCode()).toBe(CLOSE_CODES.BOARD_GONE)
  await call('DELETE', `/api/boards/${boardId}/permanently`)
  let sent = 1
  await eventually(
    'an edit is saved',
    async () => {
      onOther.socket.send(encodeUpdate(textOf(100)))
      sent++
      await onOther.heard('sync:ack', ({ received }) => received === sent)
      const rejected = onOther.messages.filter(({ type }) => type === 'sync:rejected').length
      return rejected < sent
    },
    LEARNED_WITHIN_MS,
  )
  await onOther.heard('sync:ack', ({ saved }) => saved === sent)
})

test('STORE-15: the storage of a person is that of all workspaces they own', async ({
  whiteboard,
  boardOf,
  as,
}) => {
  const { who, boardId } = await boardOf('collector')
  const team = await as(who, '/api/workspaces', { body: { name: 'Team' } })
  const board = await as(who, `/api/workspaces/${team.body.id}/boards`, { body: { name: 'B' } })
  const inPersonal = await whiteboard(0, who, boardId)
  const inTeam = await whiteboard(1, who, board.body.id)
  for (const client of [inPersonal, inTeam]) {
    client.socket.send(encodeUpdate(textOf(0.8 * QUOTA_BYTES)))
    await client.heard('sync:ack', ({ saved }) => saved === 1)
  }
  for (const client of [inTeam, inPersonal]) {
    await eventually(
      'it is rejected',
      async () => {
        client.socket.send(encodeUpdate(textOf(100)))
        return client.messages.some(
          (message) => message.type === 'sync:rejected' && message.code === 'quota_exceeded',
        )
      },
      LEARNED_WITHIN_MS,
    )
  }
})

test('STORE-15: a stock client reads a board whose storage is used up, and is told when it edits', async ({
  whiteboard,
  clients,
  boardOf,
}) => {
  const { who, boardId } = await boardOf('stock')
  const writer = await whiteboard(0, who, boardId)
  const doc = new Doc()
  doc.getText('text').insert(0, 'x'.repeat(QUOTA_BYTES))
  // With a delete: a stock client repeats all of them in its answer.
  doc.getText('text').delete(0, 10)
  writer.socket.send(encodeUpdate(encodeStateAsUpdate(doc)))
  await writer.heard('sync:ack', ({ saved }) => saved === 1)
  writer.socket.send(encodeUpdate(textOf(100)))
  await writer.heard('sync:rejected', ({ code }) => code === 'quota_exceeded')

  const reader = clients.stock(0, who, boardId)
  const closes: number[] = []
  reader.provider.on('connection-close', (event) => closes.push(event?.code ?? 0))
  await reader.synced()
  expect(reader.doc.getText('text').length).toBe(QUOTA_BYTES - 10)
  expect(closes).toEqual([])
  const denied: string[] = []
  reader.provider.messageHandlers[2] = (_encoder, decoder) => {
    expect(decoding.readVarUint(decoder)).toBe(0)
    denied.push(decoding.readVarString(decoder))
  }
  reader.doc.getText('text').insert(0, 'more')
  await eventually('it is told', () => denied.includes('quota_exceeded'))
  expect(closes).toEqual([])
})
