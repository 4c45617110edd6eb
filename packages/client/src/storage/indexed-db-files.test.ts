import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FileDatabase } from './indexed-db-files.ts'

let indexedDB: IDBFactory
beforeEach(() => {
  indexedDB = new IDBFactory()
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
})
afterEach(() => void vi.unstubAllGlobals())

const open = (maxBytes?: number) => new FileDatabase('mindfuse:', indexedDB, maxBytes)
const fileOf = (content: string) => new Blob([content], { type: 'image/png' })

test('a file that waits is there for the next page, until it is uploaded', async () => {
  const before = open()
  await before.of('board').keepWaiting('a', fileOf('one'))
  await before.close()

  const after = open().of('board')
  const waiting = await after.waiting()
  expect([...waiting.keys()]).toEqual(['a'])
  expect(waiting.get('a')).toMatchObject({ size: 3, type: 'image/png' })
  await after.markUploaded('a')
  expect((await after.waiting()).size).toBe(0)
  expect(await (await after.read('a'))?.text()).toBe('one')
})

test('a file that waits can be read, by other tabs too', async () => {
  await open().of('board').keepWaiting('a', fileOf('one'))
  expect(await (await open().of('board').read('a'))?.text()).toBe('one')
})

test('another tab may have uploaded a file, or dropped it', async () => {
  const [mine, theirs] = [open().of('board'), open().of('board')]
  for (const digest of ['a', 'b']) await mine.keepWaiting(digest, fileOf('one'))
  await theirs.markUploaded('a')
  await mine.markUploaded('a')
  await theirs.dropWaiting('b')
  await mine.markUploaded('b')
  expect(await mine.read('a')).toBeDefined()
  expect(await mine.read('b')).toBeUndefined()
})

test('boards do not see the files of others', async () => {
  const files = open()
  await files.of('one').keepWaiting('a', fileOf('one'))
  await files.of('one').keepSeen('b', fileOf('two'))
  expect((await files.of('two').waiting()).size).toBe(0)
  expect(await files.of('two').read('a')).toBeUndefined()
  expect(await files.of('two').read('b')).toBeUndefined()
})

test('of the files that were seen, the longest unused make room; none that waits', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const files = open(10).of('board')
  await files.keepWaiting('waiting', fileOf('12345678'))
  for (const [at, digest] of ['a', 'b', 'c'].entries()) {
    vi.setSystemTime(at)
    await files.keepSeen(digest, fileOf('123'))
  }
  vi.setSystemTime(10)
  await files.read('a')
  await files.keepSeen('d', fileOf('123'))
  await files.keepSeen('huge', fileOf('12345678901'))
  const left = []
  for (const digest of ['a', 'b', 'c', 'd', 'huge', 'waiting']) {
    if (await files.read(digest)) left.push(digest)
  }
  vi.useRealTimers()
  expect(left).toEqual(['a', 'c', 'd', 'waiting'])
})

test('a board that is forgotten leaves nothing, and those of others stay', async () => {
  const files = open()
  for (const board of ['one', 'two']) {
    await files.of(board).keepWaiting('a', fileOf('one'))
    await files.of(board).keepSeen('b', fileOf('two'))
  }
  await files.of('one').forget()
  const left = async (board: string) => [
    (await files.of(board).waiting()).size,
    (await files.of(board).read('b'))?.size,
  ]
  expect(await left('one')).toEqual([0, undefined])
  expect(await left('two')).toEqual([1, 3])
})
