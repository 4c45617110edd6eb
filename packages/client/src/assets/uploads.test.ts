import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BACKOFF_BASE_MS } from '../backoff.ts'
import { MindfuseError } from '../errors.ts'
import type { FileStore } from '../storage/file-store.ts'
import type { UploadRequest } from './transfer.ts'
import { Uploads, type UploadsDeps } from './uploads.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const unreachable = () => new MindfuseError('network_error', 'The API cannot be reached')
const refusal = (status: number) => new MindfuseError('refused', 'No', { status })

const nothing = async () => undefined

/** Has nothing, and keeps nothing. */
const STORE: FileStore = {
  waiting: async () => new Map(),
  keepWaiting: nothing,
  dropWaiting: nothing,
  markUploaded: nothing,
  read: nothing,
  keepSeen: nothing,
  forget: nothing,
}

type Request = UploadRequest & { answer: (error?: Error) => void }

/** A board with a server whose answers the test gives. */
function createBoard({ store }: Pick<Partial<UploadsDeps>, 'store'> = {}) {
  const line: { isOnline: boolean; denied?: MindfuseError } = { isOnline: true }
  const requests: Request[] = []
  const errors: unknown[] = []
  const uploads = new Uploads({
    transfer: {
      upload: (request) =>
        new Promise((resolve, reject) => {
          requests.push({ ...request, answer: (error) => (error ? reject(error) : resolve()) })
          request.signal.addEventListener('abort', () => reject(request.signal.reason))
        }),
      sign: () => Promise.reject(unreachable()),
      download: () => Promise.reject(unreachable()),
    },
    store,
    environment: { locks: undefined, random: () => 0.5 },
    name: 'board',
    canUpload: () => line.isOnline,
    whyDenied: () => line.denied,
    onStoreError: (cause) => errors.push(cause),
  })
  /** The newest request, once there are so many. */
  const request = async (count: number) => {
    await vi.waitFor(() => expect(requests.length).toBe(count))
    return requests[count - 1] as Request
  }
  return { line, requests, errors, uploads, request }
}

/** The same while it is offline. */
function createOfflineBoard() {
  const board = createBoard()
  board.line.isOnline = false
  return board
}

const picture = (content = 'a picture') => new Blob([content], { type: 'image/png' })

test('a file is named by its SHA-256, and done when the server has it', async () => {
  const { uploads, request } = createBoard()
  const asset = await uploads.add(picture('abc'))
  expect(asset).toEqual({
    digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    bytes: 3,
    type: 'image/png',
  })
  expect(uploads.pending).toEqual([asset])
  expect(uploads.areDone).toBe(false)
  const ended = uploads.whenUploaded(asset.digest)
  const sent = await request(1)
  expect(await sent.file.text()).toBe('abc')
  sent.answer()
  await ended
  expect(uploads.areDone).toBe(true)
})

test('progress is reported, and starts again with another attempt', async () => {
  const { uploads, request } = createBoard()
  const { digest } = await uploads.add(picture('0123456789'))
  const seen: number[][] = []
  const ended = uploads.whenUploaded(digest, (...progress) => seen.push(progress))
  const first = await request(1)
  first.onProgress(6)
  first.answer(unreachable())
  await vi.advanceTimersByTimeAsync(BACKOFF_BASE_MS)
  const second = await request(2)
  second.onProgress(3)
  second.onProgress(10)
  second.answer()
  await ended
  expect(seen).toEqual([0, 6, 3, 10].map((sent) => [sent, 10]))
})

test('what fails is tried again, with longer and longer delays', async () => {
  const { uploads, requests, request } = createBoard()
  await uploads.add(picture())
  for (const [i, delay] of [500, 1_000, 2_000, 4_000].entries()) {
    const { answer } = await request(i + 1)
    answer(unreachable())
    await vi.advanceTimersByTimeAsync(delay - 1)
    expect(requests.length).toBe(i + 1)
    await vi.advanceTimersByTimeAsync(1)
  }
  expect(requests.length).toBe(5)
})

test('a server that asks for time gets it', async () => {
  const { uploads, requests, request } = createBoard()
  await uploads.add(picture())
  const { answer } = await request(1)
  answer(new MindfuseError('rate_limited', 'Slow down', { status: 429, retryAfterMs: 7_000 }))
  await vi.advanceTimersByTimeAsync(6_999)
  expect(requests.length).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(requests.length).toBe(2)
})

test.for([409, 413, 415, 422])('a %i refuses the file for good', async (status) => {
  const { uploads, request } = createBoard()
  const refused: unknown[] = []
  uploads.events.on('refused', (event) => refused.push(event))
  const asset = await uploads.add(picture())
  const ended = uploads.whenUploaded(asset.digest)
  const { answer, file } = await request(1)
  answer(refusal(status))
  await expect(ended).rejects.toMatchObject({ code: 'refused', status })
  expect(refused).toEqual([{ asset, file, error: expect.objectContaining({ status }) }])
  expect(uploads.areDone).toBe(true)
})

test.for([400, 401, 403, 404, 500, 503])('after a %i the file is kept', async (status) => {
  const { uploads, request } = createBoard()
  await uploads.add(picture())
  const { answer } = await request(1)
  answer(refusal(status))
  await vi.advanceTimersByTimeAsync(BACKOFF_BASE_MS)
  await request(2)
  expect(uploads.pending.length).toBe(1)
})

test('while the board is offline nothing is sent, and then at once', async () => {
  const board = createOfflineBoard()
  await board.uploads.add(picture())
  await vi.advanceTimersByTimeAsync(60_000)
  expect(board.requests.length).toBe(0)
  board.line.isOnline = true
  board.uploads.resume()
  await board.request(1)
})

test('two files are on their way at a time, the others wait in their order', async () => {
  const { uploads, requests, request } = createBoard()
  const added = []
  for (const name of ['a', 'b', 'c', 'd']) added.push(await uploads.add(picture(name)))
  const { answer } = await request(2)
  answer()
  await request(3)
  expect(requests.map(({ digest }) => digest)).toEqual(
    added.slice(0, 3).map(({ digest }) => digest),
  )
})

test('the same file is sent once', async () => {
  const { uploads, requests } = createBoard()
  const [first, second] = await Promise.all([uploads.add(picture()), uploads.add(picture())])
  expect(second).toEqual(first)
  await vi.waitFor(() => expect(requests.length).toBe(1))
  expect(uploads.pending.length).toBe(1)
})

test('a file that is given up is aborted, and makes room for the next', async () => {
  const { uploads, request } = createBoard()
  const { digest } = await uploads.add(picture('a'))
  const ended = uploads.whenUploaded(digest)
  const { signal } = await request(1)
  await uploads.cancel(digest, new Error('changed her mind'))
  await expect(ended).rejects.toThrow('changed her mind')
  expect(signal.aborted).toBe(true)
  expect(uploads.areDone).toBe(true)
  for (const name of ['b', 'c']) await uploads.add(picture(name))
  await request(3)
})

test('more than 100 files do not wait', async () => {
  const { uploads } = createOfflineBoard()
  for (let i = 0; i < 100; i++) await uploads.add(picture(`${i}`))
  await expect(uploads.add(picture())).rejects.toMatchObject({ code: 'queue_full' })
  expect(uploads.pending.length).toBe(100)
})

test('of files that are added at once, no more are kept', async () => {
  const keepWaiting = () => new Promise<void>((resolve) => void setImmediate(resolve))
  const { line, uploads } = createBoard({ store: { ...STORE, keepWaiting } })
  line.isOnline = false
  const added = Array.from({ length: 150 }, (_, i) => uploads.add(picture(`${i}`)))
  const settled = await Promise.allSettled(added)
  expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(100)
  expect(uploads.pending.length).toBe(100)
})

test('a file that was added twice waits until both gave it up', async () => {
  const { uploads, request } = createBoard()
  const { digest } = await uploads.add(picture())
  await uploads.add(picture())
  const { signal } = await request(1)
  await uploads.cancel(digest, new Error('changed her mind'))
  expect(signal.aborted).toBe(false)
  expect(uploads.pending.length).toBe(1)
  await uploads.cancel(digest, new Error('changed her mind'))
  expect(signal.aborted).toBe(true)
  expect(uploads.areDone).toBe(true)
})

test('a file that is being read when the board is closed is not kept', async () => {
  const kept: string[] = []
  const keepWaiting = async (digest: string) => void kept.push(digest)
  const { uploads } = createBoard({ store: { ...STORE, keepWaiting } })
  const adding = uploads.add(picture())
  uploads.close(new MindfuseError('closed', 'This board is closed'))
  await expect(adding).rejects.toMatchObject({ code: 'closed' })
  expect(kept).toEqual([])
})

test('nobody waits for a board that is denied already', async () => {
  const { line, uploads } = createOfflineBoard()
  const { digest } = await uploads.add(picture())
  line.denied = new MindfuseError('access_removed', 'Gone')
  await expect(uploads.whenUploaded(digest)).rejects.toMatchObject({ code: 'access_removed' })
  expect(uploads.pending.length).toBe(1)
})

test('whoever waits is released when the board is denied, and the file is kept', async () => {
  const { uploads } = createOfflineBoard()
  const { digest } = await uploads.add(picture())
  const ended = uploads.whenUploaded(digest)
  uploads.release(new MindfuseError('access_removed', 'Gone'))
  await expect(ended).rejects.toMatchObject({ code: 'access_removed' })
  expect(uploads.pending.length).toBe(1)
})

test('closed, it sends nothing more', async () => {
  const board = createBoard()
  const { digest } = await board.uploads.add(picture())
  const ended = board.uploads.whenUploaded(digest)
  const { signal } = await board.request(1)
  board.uploads.close(new MindfuseError('closed', 'This board is closed'))
  await expect(ended).rejects.toMatchObject({ code: 'closed' })
  expect(signal.aborted).toBe(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(board.requests.length).toBe(1)
})

test('a store that fails is reported, and the file is uploaded all the same', async () => {
  const fail = () => Promise.reject(new Error('no space'))
  const board = createBoard({
    store: {
      waiting: fail,
      keepWaiting: fail,
      dropWaiting: fail,
      markUploaded: fail,
      read: fail,
      keepSeen: fail,
      forget: fail,
    },
  })
  await board.uploads.read()
  await board.uploads.add(picture())
  const { answer } = await board.request(1)
  answer()
  await vi.waitFor(() => expect(board.errors.length).toBe(3))
  expect(board.uploads.areDone).toBe(true)
})
