import { randomUUID } from 'node:crypto'
import type { Board } from '@mindfuse/client'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { converged, createIndexedDb, draw, shapesOf } from '../support/sdk.ts'
import { proxiedTest } from '../support/sdk-fixtures.ts'

const test = proxiedTest
  .extend('indexedDB', ({ task: _ }) => createIndexedDb())
  /** A tab of her browser. */
  .extend(
    'openTab',
    ({ boardId, ada, connect, indexedDB }) =>
      (id = boardId, userId = ada.user.id): Board =>
        connect(ada, { userId, environment: { indexedDB } }).board(id),
  )
  /** Closes every tab, as the browser does. */
  .extend(
    'closeTabs',
    ({ sdkClients }) =>
      () =>
        Promise.all(sdkClients.splice(0).map((client) => client.close())),
  )

test('edits that were made offline survive a reload and go out on return', async ({
  openTab,
  proxy,
  closeTabs,
  readStored,
}) => {
  const before = openTab()
  await before.whenSynced()
  draw(before, 'online')
  await before.whenSaved()
  proxy.refuse()
  await eventually('it is offline', () => before.status.kind === 'offline')
  draw(before, 'offline')
  await closeTabs()

  const after = openTab()
  expect(after.saved).toBe(false)
  await eventually('it has what was kept', () => shapesOf(after).offline && shapesOf(after).online)
  expect(after.saved).toBe(false)
  expect(await readStored()).toEqual({ online: true })
  proxy.pass()
  after.connect()
  await after.whenSaved()
  expect(await readStored()).toEqual({ online: true, offline: true })

  await closeTabs()
  proxy.refuse()
  const later = openTab()
  await eventually('what was kept is read', () => shapesOf(later).offline)
  // Now the server has it, and that is known offline too.
  await eventually('nothing is unsaved', () => later.saved)
})

test('a board that was open is known on this machine, to its user alone', async ({
  openTab,
  closeTabs,
  ada,
  alan,
  boardId,
  connect,
  indexedDB,
}) => {
  const client = (userId = ada.user.id) => connect(ada, { userId, environment: { indexedDB } })
  expect(await client().keepsBoard(boardId)).toBe(false)
  const board = openTab()
  await board.whenSynced()
  draw(board, 'first')
  await board.whenSaved()
  await closeTabs()
  expect(await client().keepsBoard(boardId)).toBe(true)
  expect(await client(alan.user.id).keepsBoard(boardId)).toBe(false)
  // What was asked for, and never arrived, was not seen.
  const unknown = randomUUID()
  openTab(unknown)
  await closeTabs()
  expect(await client().keepsBoard(unknown)).toBe(false)
  await client().forget()
  expect(await client().keepsBoard(boardId)).toBe(false)
})

test('what is kept is listed, and sent without opening the board', async ({
  proxy,
  openTab,
  closeTabs,
  readStored,
  ada,
  boardId,
  connect,
  indexedDB,
}) => {
  const client = () => connect(ada, { userId: ada.user.id, environment: { indexedDB } })
  expect(await client().unsentBoards()).toEqual([])
  proxy.refuse()
  draw(openTab(), 'first')
  await closeTabs()
  // Reading it takes nothing away, and what another person keeps is not listed.
  for (let i = 0; i < 2; i++) {
    expect(await client().unsentBoards()).toEqual([{ boardId, edits: 1, files: 0 }])
  }
  const other = connect(ada, { userId: 'another', environment: { indexedDB } })
  expect(await other.unsentBoards()).toEqual([])

  const sender = client()
  const given = new AbortController()
  const cut = sender.sendUnsent(boardId, { signal: given.signal })
  given.abort(new Error('given up'))
  await expect(cut).rejects.toThrow('given up')
  expect(await sender.unsentBoards()).toHaveLength(1)
  proxy.pass()
  await sender.sendUnsent(boardId)
  expect(await readStored()).toEqual({ first: true })
  expect(await sender.unsentBoards()).toEqual([])
  // The board that it sends for stays open where it is.
  const board = sender.board(boardId)
  await board.whenSynced()
  await sender.sendUnsent(boardId)
  expect(board.status.kind).toBe('online')
})

test('what was drawn while a board had never been online survives too', async ({
  proxy,
  openTab,
  closeTabs,
  readStored,
}) => {
  proxy.refuse()
  draw(openTab(), 'first')
  await closeTabs()
  proxy.pass()
  const board = openTab()
  await board.whenSaved()
  await board.whenSynced()
  expect(await readStored()).toEqual({ first: true })
})

test('a reload in the middle of drawing loses nothing', async ({
  openTab,
  closeTabs,
  readStored,
}) => {
  const drawn: string[] = []
  for (let reload = 0; reload < 8; reload++) {
    const board = openTab()
    if (reload % 2 === 0) await board.whenSynced()
    for (let i = 0; i < 5; i++) drawn.push(draw(board))
    await closeTabs()
  }
  const board = openTab()
  await board.whenSynced()
  await board.whenSaved()
  expect(Object.keys(await readStored()).sort()).toEqual(drawn.sort())
})

test('two tabs on one store agree, and neither takes the other for saved', async ({
  openTab,
  proxy,
  readStored,
}) => {
  const [one, two] = [openTab(), openTab()]
  await Promise.all([one.whenSynced(), two.whenSynced()])
  proxy.refuse()
  await eventually('both are offline', () =>
    [one, two].every((tab) => tab.status.kind === 'offline'),
  )
  draw(one, 'one')
  draw(two, 'two')
  proxy.pass()
  one.connect()
  await one.whenSaved()
  // Tab two has not been back: what it drew must still be known as unsaved.
  if (two.status.kind !== 'online') expect(two.saved).toBe(shapesOf(two).one === true)
  two.connect()
  await two.whenSaved()
  expect(await converged([one, two])).toEqual({ one: true, two: true })
  expect(await readStored()).toEqual({ one: true, two: true })
})

test('a tab that comes back brings what a closed one had drawn offline', async ({
  openTab,
  proxy,
  readStored,
}) => {
  const [closing, staying] = [openTab(), openTab()]
  await Promise.all([closing.whenSynced(), staying.whenSynced()])
  proxy.refuse()
  await eventually('both are offline', () =>
    [closing, staying].every((tab) => tab.status.kind === 'offline'),
  )
  draw(closing, 'left behind')
  await closing.close()
  proxy.pass()
  staying.connect()
  await eventually('the other tab has it', () => shapesOf(staying)['left behind'])
  await staying.whenSaved()
  expect(await readStored()).toEqual({ 'left behind': true })
})

test('hundreds of updates are kept as few, and all come back', async ({
  openTab,
  closeTabs,
  indexedDB,
  proxy,
}) => {
  const board = openTab()
  await board.whenSynced()
  const drawn: string[] = []
  for (let i = 0; i < 450; i++) {
    drawn.push(draw(board))
    if (i % 10 === 0) await board.whenSaved()
  }
  await board.whenSaved()
  await closeTabs()
  const [{ name }] = (await indexedDB.databases()) as [{ name: string }]
  const kept = await new Promise<number>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const count = request.result.transaction('known').objectStore('known').count()
      count.onsuccess = () => {
        request.result.close()
        resolve(count.result)
      }
    }
  })
  expect(kept).toBeLessThan(300)
  proxy.refuse()
  const again = openTab()
  await eventually('all of it is there', () => drawn.every((shape) => shapesOf(again)[shape]))
  expect(again.saved).toBe(true)
})

test('nothing of it is anybody else’s, and signing out forgets it', async ({
  openTab,
  closeTabs,
  proxy,
  boardId,
  sdkClients,
  indexedDB,
  ada,
}) => {
  const board = openTab()
  await board.whenSynced()
  draw(board, 'hers')
  await board.whenSaved()
  await closeTabs()
  proxy.refuse()

  const other = openTab(boardId, 'somebody-else')
  await eventually('its store was read', () => other.saved)
  expect(shapesOf(other)).toEqual({})
  await closeTabs()

  openTab()
  await sdkClients[0]!.forget()
  sdkClients.splice(0)
  const names = (await indexedDB.databases()).map(({ name }: { name: string }) => name)
  expect(names.filter((name: string) => name?.includes(ada.user.id))).toEqual([])
})

test('where nothing can be kept the board goes on, and says so', async ({
  ada,
  connect,
  boardId,
}) => {
  const broken = {
    open: () => {
      throw new Error('no storage in a private window')
    },
  } as any
  const options = { userId: ada.user.id, environment: { indexedDB: broken } }
  const board = connect(ada, options).board(boardId)
  const errors: string[] = []
  board.on('error', ({ code }) => errors.push(code))
  await board.whenSynced()
  draw(board, 'a')
  await board.whenSaved()
  expect(errors).toContain('storage_failed')
})
