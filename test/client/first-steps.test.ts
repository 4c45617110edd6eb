import { createBoard, eventually, signIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { draw, shapesOf } from '../support/sdk.ts'
import { test } from '../support/sdk-fixtures.ts'

test('two people draw, and each sees that it is saved', async ({ hers, readStored, his }) => {
  draw(hers, 'circle')
  expect(hers.saved).toBe(false)
  await hers.whenSaved()
  expect(await readStored()).toEqual({ circle: true })
  await eventually('he sees it', () => shapesOf(his).circle)
  draw(his, 'square')
  await eventually('she sees it', () => shapesOf(hers).square)
  await his.whenSaved()
  expect(await readStored()).toEqual({ circle: true, square: true })
})

test('people see each other come, move and go', async ({ open, ada, alan, hers }) => {
  const seen: string[] = []
  hers.presence.on('join', ({ name }) => seen.push(`join ${name}`))
  hers.presence.on('leave', ({ name }) => seen.push(`leave ${name}`))
  const his = await open(alan)
  his.presence.update({ cursor: { x: 3, y: 4 }, selection: ['circle'] })
  his.presence.viewport({ x: 0, y: 0, zoom: 2 })
  await eventually('she sees his cursor', () => hers.presence.others[0]?.cursor?.x === 3)
  await eventually('she sees his viewport', () => hers.presence.others[0]?.viewport?.zoom === 2)
  expect(hers.presence.others).toMatchObject([
    { user: { id: alan.user.id }, cursor: { x: 3, y: 4 }, selection: ['circle'] },
  ])
  expect(his.presence.users.map(({ user }) => user.id).sort()).toEqual(
    [ada.user.id, alan.user.id].sort(),
  )
  await his.close()
  await eventually('she sees him go', () => hers.presence.others.length === 0)
  expect(seen).toEqual([`join ${alan.user.name}`, `leave ${alan.user.name}`])
})

test('the API is called with types, and errors carry its code', async ({ connect, ada, stack }) => {
  const { api } = connect(ada)
  const { items } = await api.workspaces.list()
  const workspace = items[0]!
  const board = await api.boards.create(workspace.id, { name: 'Sketch' })
  expect(await api.boards.get(board.id)).toMatchObject({
    name: 'Sketch',
    access: { role: 'owner' },
  })
  await expect(api.boards.update(board.id, { name: '' })).rejects.toMatchObject({
    name: 'MindfuseError',
    status: 400,
    code: 'validation_failed',
    fields: expect.arrayContaining([expect.objectContaining({ pointer: '/name' })]),
  })
  const missing = await connect(await signIn(stack.apiUrl, 'eve@example.com'))
    .api.boards.get(board.id)
    .catch((error) => error)
  expect(missing).toMatchObject({ status: 404, code: 'board_not_found' })
  expect(missing.requestId).toBeTypeOf('string')
})

test('a board without access is denied for good, with the reason', async ({
  stack,
  connect,
  boardId,
}) => {
  const eve = await signIn(stack.apiUrl, 'eve@example.com')
  const board = connect(eve).board(boardId)
  await expect(board.whenSynced()).rejects.toMatchObject({ code: 'board_not_found' })
  expect(board.status).toEqual({
    kind: 'denied',
    reason: 'board_not_found',
    code: 'board_not_found',
  })
})

test('a client has many boards at once, and opens each once', async ({
  connect,
  ada,
  boardId,
  stack,
  readStored,
}) => {
  const client = connect(ada)
  const ids = [boardId, await createBoard(stack.apiUrl, ada.accessToken)]
  const boards = ids.map((id) => client.board(id))
  expect(client.board(boardId)).toBe(boards[0])
  for (const [i, board] of boards.entries()) draw(board, `shape ${i}`)
  await Promise.all(boards.map((board) => board.whenSaved()))
  expect(await readStored(ids[1]!)).toEqual({ 'shape 1': true })
  expect(client.saved).toBe(true)
})
