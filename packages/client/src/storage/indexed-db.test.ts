import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { IndexedDbBoardStore } from './indexed-db.ts'

let indexedDB: IDBFactory
beforeEach(() => {
  indexedDB = new IDBFactory()
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
})
afterEach(() => void vi.unstubAllGlobals())

/** Databases that are being made for ever. */
class SlowFactory extends IDBFactory {
  override open(name: string, version?: number) {
    const request = super.open(name, version)
    Object.defineProperty(request, 'onsuccess', { set: () => undefined })
    return request
  }
}

test('of a board that was never opened it is known that nothing is kept before its database is made', async () => {
  const store = new IndexedDbBoardStore('board', new SlowFactory())
  expect(await store.read()).toMatchObject({ known: [], unsaved: [] })
})

test('the tabs of a machine have one secret, whichever makes the database', async () => {
  const [first, second] = [1, 2].map(() => new IndexedDbBoardStore('board', indexedDB))
  const made = await first?.read()
  const found = await second?.read()
  expect(made?.secret.length).toBeGreaterThan(0)
  expect(found?.secret).toEqual(made?.secret)
  expect((await first?.read())?.secret).toEqual(made?.secret)
})

test('what is kept is read once, edits and updates of the server', async () => {
  const before = new IndexedDbBoardStore('board', indexedDB)
  await before.read()
  await before.keepKnown(Uint8Array.of(1))
  await before.keepUnsaved(Uint8Array.of(2))
  await before.close()

  const after = new IndexedDbBoardStore('board', indexedDB)
  expect(await after.read()).toMatchObject({
    known: [Uint8Array.of(1)],
    unsaved: [Uint8Array.of(2)],
  })
  expect(await after.read()).toMatchObject({ known: [], unsaved: [] })
})
