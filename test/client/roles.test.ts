import type { Board } from '@mindfuse/client'
import type { BoardRole } from '@mindfuse/protocol'
import { callApi, eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { converged, createIndexedDb, draw, shapesOf } from '../support/sdk.ts'
import { proxiedTest } from '../support/sdk-fixtures.ts'

const test = proxiedTest
  .extend(
    'makeHim',
    ({ stack, boardId, alan, ada }) =>
      async (role: BoardRole | null): Promise<void> => {
        const path = `${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
        const options = role ? { method: 'PUT', body: { role } } : { method: 'DELETE' }
        const { status } = await callApi(path, { token: ada.accessToken, ...options })
        expect(status).toBeLessThan(300)
      },
  )
  /** Makes him a viewer while his board is offline, and waits until the gateway knows. */
  .extend('demoteMeanwhile', ({ open, alan, stack, makeHim }) => async (): Promise<void> => {
    const elsewhere = await open(alan, {}, stack)
    await makeHim('viewer')
    await eventually('the gateway knows', () => elsewhere.role === 'viewer')
    await elsewhere.close()
  })

test.beforeEach(async ({ hers }) => {
  draw(hers, 'hers')
  await hers.whenSaved()
})

function resetsOf(board: Board) {
  const resets: { reason: string; refused: Record<string, unknown> }[] = []
  board.on('reset', ({ reason, refused }) =>
    resets.push({ reason, refused: refused.getMap('shapes').toJSON() }),
  )
  return resets
}

test.for(['viewer', 'commenter'] as const)(
  'a change of role to %s counts at once, and back again',
  async (role, { makeHim, hers, his, readStored }) => {
    expect(his.role).toBe('editor')
    await makeHim(role)
    await eventually('he is told', () => his.role === role)
    expect(his.canEdit).toBe(false)
    expect(() => his.edit(() => undefined)).toThrow(expect.objectContaining({ code: 'read_only' }))
    expect(his.undo()).toBe(false)
    draw(hers, 'more')
    await eventually('he sees on', () => shapesOf(his).more)
    await makeHim('editor')
    await eventually('he is told', () => his.canEdit)
    his.edit((doc) => doc.getMap('shapes').set('his', true))
    await his.whenSaved()
    expect(await readStored()).toEqual({ hers: true, more: true, his: true })
  },
)

test.for(['viewer', 'commenter'] as const)(
  'what a %s draws all the same is taken back, and nobody sees it',
  async (role, { makeHim, open, alan, hers, readStored }) => {
    await makeHim(role)
    const his = await open(alan)
    expect(his.role).toBe(role)
    const resets = resetsOf(his)
    const before = his.doc
    before.getMap('shapes').set('hers', 'spoilt')
    before.getMap('shapes').set('his', true)
    await eventually('it is taken back', () => resets.length > 0)
    expect(resets).toEqual([{ reason: 'read_only', refused: { hers: 'spoilt', his: true } }])
    expect(his.doc).not.toBe(before)
    expect(shapesOf(his)).toEqual({ hers: true })
    expect(his.saved).toBe(true)
    draw(hers, 'later')
    expect(await converged([hers, his])).toEqual({ hers: true, later: true })
    await hers.whenSaved()
    expect(await readStored()).toEqual({ hers: true, later: true })
  },
)

test('a role that a later gateway names is read as viewer', async ({
  makeHim,
  open,
  alan,
  hers,
  readStored,
}) => {
  class LaterWebSocket extends WebSocket {
    override emit(event: string, data?: unknown, isBinary?: unknown): boolean {
      if (event !== 'message' || isBinary) return super.emit(event, data, isBinary)
      const text = String(data).replace('"role":"commenter"', '"role":"moderator"')
      return super.emit(event, Buffer.from(text), isBinary)
    }
  }
  const options = { environment: { WebSocket: LaterWebSocket } }
  const his = await open(alan, options)
  const roles: string[] = []
  his.on('role', (role) => roles.push(role))
  await makeHim('commenter')
  await eventually('he is told', () => roles.length > 0)
  const again = await open(alan, options)
  for (const board of [his, again]) {
    expect(board).toMatchObject({ role: 'viewer', canEdit: false })
    expect(board.status).toMatchObject({ kind: 'online', role: 'viewer' })
  }
  his.doc.getMap('shapes').set('his', true)
  await eventually('it is taken back', () => !('his' in shapesOf(his)))
  await makeHim('editor')
  await eventually('he may edit', () => his.canEdit)
  expect(roles).toEqual(['viewer', 'editor'])
  draw(hers, 'later')
  expect(await converged([hers, his, again])).toEqual({ hers: true, later: true })
  await hers.whenSaved()
  expect(await readStored()).toEqual({ hers: true, later: true })
})

test('a viewer who never stops drawing stays connected', async ({ makeHim, open, alan, hers }) => {
  await makeHim('viewer')
  const his = await open(alan)
  const { status } = his
  const resets = resetsOf(his)
  await eventually('it was taken back twice', () => {
    draw(his)
    return resets.length >= 2
  })
  expect(his.status).toBe(status)
  await eventually('all of it is gone', () => Object.keys(shapesOf(his)).length === 1)
  expect(await converged([hers, his])).toEqual({ hers: true })
})

test('edits that cross a demotion are saved or taken back, each one or the other', async ({
  makeHim,
  hers,
  his,
  readStored,
}) => {
  const resets = resetsOf(his)
  const demoted = makeHim('viewer')
  const drawn: string[] = []
  await eventually('he is told', () => {
    if (his.canEdit) drawn.push(draw(his))
    return his.role === 'viewer'
  })
  await demoted
  await eventually('nothing of his is open', () => his.saved && his.synced)
  const stored = await readStored()
  expect(await converged([hers, his])).toEqual(stored)
  const refused = drawn.filter((name) => !(name in stored))
  if (refused.length > 0) {
    for (const name of refused) expect(resets.at(-1)?.refused).toHaveProperty([name])
  }
})

test('edits made offline before a demotion are taken back on return', async ({
  alan,
  open,
  proxy,
  demoteMeanwhile,
  sdkClients,
  readStored,
}) => {
  const indexedDB = createIndexedDb()
  const options = { userId: alan.user.id, environment: { indexedDB } }
  const his = await open(alan, options)
  const resets = resetsOf(his)
  proxy.refuse()
  await eventually('he is offline', () => his.status.kind === 'offline')
  draw(his, 'offline')
  await demoteMeanwhile()
  proxy.pass()
  his.connect()
  await eventually('it is taken back', () => resets.length > 0)
  expect(resets).toEqual([{ reason: 'read_only', refused: { hers: true, offline: true } }])
  expect(shapesOf(his)).toEqual({ hers: true })

  // Not kept either: after a reload it is not there again.
  await sdkClients.pop()!.close()
  const again = await open(alan, options)
  expect(shapesOf(again)).toEqual({ hers: true })
  expect(again.saved).toBe(true)
  expect(await readStored()).toEqual({ hers: true })
})

test('a reload as a viewer with edits of before takes them back too', async ({
  alan,
  open,
  proxy,
  sdkClients,
  demoteMeanwhile,
  readStored,
}) => {
  const options = { userId: alan.user.id, environment: { indexedDB: createIndexedDb() } }
  const before = await open(alan, options)
  proxy.refuse()
  await eventually('he is offline', () => before.status.kind === 'offline')
  draw(before, 'offline')
  await sdkClients.pop()!.close()
  await demoteMeanwhile()
  proxy.pass()
  const after = await open(alan, options)
  await eventually('it is taken back', () => !('offline' in shapesOf(after)) && after.saved)
  expect(await readStored()).toEqual({ hers: true })
})

test('a client that lost access is notified, and does not reconnect', async ({
  alan,
  makeHim,
  connect,
  ada,
  boardId,
  his,
}) => {
  await makeHim(null)
  await eventually('he is told', () => his.status.kind === 'denied')
  expect(his.status).toMatchObject({ kind: 'denied', reason: 'access_removed' })
  const { token } = await connect(ada).api.invites.create(boardId, { role: 'viewer' })
  await connect(alan).api.invites.accept(token!)
  his.connect()
  await eventually('he is back', () => his.status.kind === 'online')
  expect(his.role).toBe('viewer')
})

test('a board that goes to the trash is reported as gone', async ({
  connect,
  ada,
  boardId,
  his,
}) => {
  await connect(ada).api.boards.delete(boardId)
  await eventually('he is told', () => his.status.kind === 'denied')
  expect(his.status).toMatchObject({ reason: 'board_not_found', code: 'board_gone' })
})

test('undo takes back what one drew oneself, and never what others drew', async ({
  hers,
  his,
  readStored,
}) => {
  draw(his, 'his')
  await eventually('she sees it', () => shapesOf(hers).his)
  his.undoManager.stopCapturing()
  draw(his, 'his second')
  draw(hers, 'hers second')
  await eventually('he sees it', () => shapesOf(his)['hers second'])
  expect(his.undo()).toBe(true)
  expect(await converged([hers, his])).toEqual({ hers: true, his: true, 'hers second': true })
  expect(his.redo()).toBe(true)
  expect(await converged([hers, his])).toHaveProperty(['his second'])
  expect(hers.undo()).toBe(true)
  await Promise.all([hers.whenSaved(), his.whenSaved()])
  expect(await readStored()).toEqual(await converged([hers, his]))
})
