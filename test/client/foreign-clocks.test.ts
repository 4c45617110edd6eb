import type { Board } from '@mindfuse/client'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { converged, createIndexedDb, draw, shapesOf } from '../support/sdk.ts'
import { proxiedTest } from '../support/sdk-fixtures.ts'

const listOf = (board: Board) => board.doc.getArray<string>('list')

const test = proxiedTest
  .extend('indexedDB', ({ task: _ }) => createIndexedDb())
  /** A tab of her browser, behind the proxy. */
  .extend(
    'openTab',
    ({ boardId, ada, connect, indexedDB }) =>
      (): Board =>
        connect(ada, { userId: ada.user.id, environment: { indexedDB } }).board(boardId),
  )
  /** Alan's board, which stays online. */
  .extend('his', ({ open, alan, stack }) => open(alan, {}, stack))
  /** Stores something at a client's next clocks after it drew `saved`. */
  .extend('takeIdsOf', ({ his }) => async (clientID: number, count = 3): Promise<void> => {
    await eventually('he has what is saved', () => shapesOf(his).saved)
    const imposter = new Y.Doc()
    Y.applyUpdate(imposter, Y.encodeStateAsUpdate(his.doc))
    imposter.clientID = clientID
    imposter.on('update', (update: Uint8Array) => Y.applyUpdate(his.doc, update))
    for (let i = 0; i < count; i++) imposter.getMap('foreign').set(`${i}`, true)
    await his.whenSaved()
  })

/** Draws in the ways that refer to what was drawn before. */
function drawMore(board: Board, name: string): void {
  board.edit((doc) => {
    const label = new Y.Text(name)
    doc.getMap('shapes').set(name, new Y.Map<unknown>([['label', label]]))
    label.insert(0, 'offline ')
    listOf(board).push([name])
    listOf(board).insert(0, [`before ${name}`])
  })
}

const drawn = (name: string) => ({ [name]: { label: `offline ${name}` } })

async function goOffline(proxy: { refuse(): void }, ...boards: Board[]): Promise<void> {
  proxy.refuse()
  await eventually('they are offline', () =>
    boards.every(({ status }) => status.kind === 'offline'),
  )
}

function comeBack(proxy: { pass(): void }, ...boards: Board[]): void {
  proxy.pass()
  for (const board of boards) board.connect()
}

test('an edit that was made offline arrives although its ids were taken', async ({
  hers,
  his,
  proxy,
  takeIdsOf,
  readStored,
}) => {
  drawMore(hers, 'saved')
  await hers.whenSaved()
  const resets: string[] = []
  hers.on('reset', ({ reason }) => resets.push(reason))
  const { clientID } = hers.doc
  await goOffline(proxy, hers)
  drawMore(hers, 'unsaved')
  await takeIdsOf(clientID, 9)
  comeBack(proxy, hers)

  await hers.whenSaved()
  await eventually('he has it', () => shapesOf(his).unsaved)
  const shapes = { ...drawn('saved'), ...drawn('unsaved') }
  expect(await converged([hers, his])).toEqual(shapes)
  expect(await readStored()).toEqual(shapes)
  const list = ['before unsaved', 'before saved', 'saved', 'unsaved']
  expect(listOf(hers).toJSON()).toEqual(list)
  expect(listOf(his).toJSON()).toEqual(list)
  expect(resets).toEqual(['client_id_taken'])

  draw(hers, 'later')
  await hers.whenSaved()
  await eventually('he has that as well', () => shapesOf(his).later)
})

test('edits that are made while the board starts again are kept too', async ({
  hers,
  his,
  proxy,
  takeIdsOf,
}) => {
  drawMore(hers, 'saved')
  await hers.whenSaved()
  const { clientID } = hers.doc
  await goOffline(proxy, hers)
  drawMore(hers, 'unsaved')
  await takeIdsOf(clientID)
  const names: string[] = []
  const stop = hers.on('status', ({ kind }) => {
    if (kind !== 'online') return
    const timer = setInterval(() => names.push(draw(hers)), 1)
    hers.on('synced', () => clearInterval(timer))
  })
  comeBack(proxy, hers)
  await hers.whenSynced()
  stop()
  await hers.whenSaved()
  const shapes = await converged([hers, his])
  expect(Object.keys(shapes).sort()).toEqual([...names, 'saved', 'unsaved'].sort())
  expect(listOf(his).toJSON()).toEqual(['before unsaved', 'before saved', 'saved', 'unsaved'])
})

test('an edit that survived a reload arrives although its ids were taken', async ({
  openTab,
  sdkClients,
  his,
  proxy,
  takeIdsOf,
  readStored,
}) => {
  const before = openTab()
  await before.whenSynced()
  drawMore(before, 'saved')
  await before.whenSaved()
  const { clientID } = before.doc
  await goOffline(proxy, before)
  drawMore(before, 'unsaved')
  await Promise.all(
    sdkClients
      .filter((client) => client.board(before.id) === before)
      .map((client) => client.close()),
  )
  await takeIdsOf(clientID)

  proxy.pass()
  const after = openTab()
  await after.whenSynced()
  await after.whenSaved()
  const shapes = { ...drawn('saved'), ...drawn('unsaved') }
  expect(await converged([after, his])).toEqual(shapes)
  expect(await readStored()).toEqual(shapes)
  expect(listOf(his).toJSON()).toEqual(['before unsaved', 'before saved', 'saved', 'unsaved'])
})

test('two tabs that have the edit insert it once', async ({
  openTab,
  his,
  proxy,
  takeIdsOf,
  readStored,
}) => {
  const [one, two] = [openTab(), openTab()]
  await Promise.all([one.whenSynced(), two.whenSynced()])
  drawMore(one, 'saved')
  await one.whenSaved()
  const { clientID } = one.doc
  await goOffline(proxy, one, two)
  drawMore(one, 'one')
  drawMore(two, 'two')
  await takeIdsOf(clientID)
  comeBack(proxy, one, two)

  await Promise.all([one.whenSaved(), two.whenSaved()])
  await eventually('he has it', () => shapesOf(his).one && shapesOf(his).two)
  await Promise.all([one.whenSaved(), two.whenSaved()])
  const shapes = { ...drawn('saved'), ...drawn('one'), ...drawn('two') }
  expect(await converged([one, two, his])).toEqual(shapes)
  expect(await readStored()).toEqual(shapes)
  expect(listOf(his).toJSON().sort()).toEqual([
    'before one',
    'before saved',
    'before two',
    'one',
    'saved',
    'two',
  ])
})

test('an edit whose ids are taken while it is on its way arrives', async ({
  hers,
  his,
  proxy,
  takeIdsOf,
}) => {
  drawMore(hers, 'saved')
  await hers.whenSaved()
  const resets: string[] = []
  hers.on('reset', ({ reason }) => resets.push(reason))
  proxy.stall('requests')
  drawMore(hers, 'unsaved')
  await takeIdsOf(hers.doc.clientID)
  expect(hers.saved).toBe(false)
  await eventually('she notices', () => !hers.synced || resets.includes('client_id_taken'))
  proxy.pass()
  await hers.whenSynced()
  await hers.whenSaved()
  await eventually('he has it', () => shapesOf(his).unsaved)
  expect(await converged([hers, his])).toEqual({ ...drawn('saved'), ...drawn('unsaved') })
  expect(listOf(his).toJSON()).toEqual(['before unsaved', 'before saved', 'saved', 'unsaved'])
})

test('an edit whose acknowledgement was lost keeps its ids', async ({
  hers,
  his,
  proxy,
  readStored,
}) => {
  drawMore(hers, 'saved')
  await hers.whenSaved()
  const resets: string[] = []
  hers.on('reset', ({ reason }) => resets.push(reason))
  proxy.slow(500)
  drawMore(hers, 'unsaved')
  await eventually('he has it', () => shapesOf(his).unsaved)
  expect(hers.saved).toBe(false)
  await goOffline(proxy, hers)
  draw(hers, 'offline')
  his.doc.getMap('shapes').delete('unsaved')
  draw(his, 'his')
  await his.whenSaved()
  comeBack(proxy, hers)
  await hers.whenSaved()
  const shapes = { ...drawn('saved'), offline: true, his: true }
  await eventually('he has it', () => shapesOf(his).offline)
  expect(await converged([hers, his])).toEqual(shapes)
  expect(await readStored()).toEqual(shapes)
  expect(listOf(his).toJSON()).toEqual(['before unsaved', 'before saved', 'saved', 'unsaved'])
  expect(resets).toEqual([])
})
