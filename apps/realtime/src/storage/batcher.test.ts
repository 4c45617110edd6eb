import type { BatchedUpdate, BoardUpdates, UpdateBatchReply } from '@mindfuse/internal'
import { MAX_UPDATE_BATCH_BYTES } from '@mindfuse/internal'
import { createLogger } from '@mindfuse/service-kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ApiClient, ApiResponseError } from './api-client.ts'
import { Batcher } from './batcher.ts'
import type { BoardQueue } from './board-queue.ts'
import { NoAnswerError } from './http-connection.ts'

const MEBIBYTE = 1024 * 1024
const WINDOW_MS = 20
const BUSY_WINDOW_MS = 100

type Result = UpdateBatchReply['results'][number]

/** A batch that the API was sent, with ways to answer it. */
interface Sent {
  batch: BoardUpdates[]
  /** The names of its updates, board by board. */
  names: Record<string, string[]>
  store(): void
  /** Stores all boards except these, which are gone. */
  storeExcept(...gone: string[]): void
  fail(): void
  /** No answer arrives in time. */
  timeOut(): void
  /** Stores all boards except these, whose rows are locked. */
  storeUnlessBusy(...busy: string[]): void
  /** The API will never accept it: it answers with this status. */
  refuse(status: number): void
}

let sent: Sent[]
let events: string[]
let batches: number[]
let batcher: Batcher
let queues: Map<string, BoardQueue<string>>
/** Origins in the order in which they were reported as stored, then what waited behind them. */
let reported: string[]
let awaited: { name: string; isDone: () => boolean }[]

const api: Pick<ApiClient, 'append'> = {
  append: (batch) =>
    new Promise<UpdateBatchReply>((resolve, reject) => {
      const answer = (otherwise: (boardId: string) => Result | undefined) =>
        resolve({
          results: batch.map(
            ({ boardId }) => otherwise(boardId) ?? { boardId, status: 'stored', seq: 17 },
          ),
        })
      const storeExcept = (...gone: string[]) =>
        answer((boardId) =>
          gone.includes(boardId) ? { boardId, status: 'rejected', code: 'board_gone' } : undefined,
        )
      sent.push({
        batch,
        names: Object.fromEntries(
          batch.map(({ boardId, updates }) => [boardId, updates.map(({ userId }) => userId)]),
        ),
        store: () => storeExcept(),
        storeExcept,
        storeUnlessBusy: (...busy) =>
          answer((boardId) => (busy.includes(boardId) ? { boardId, status: 'busy' } : undefined)),
        fail: () => reject(new Error('the API is away')),
        timeOut: () => reject(new NoAnswerError('no answer in time')),
        refuse: (status) => reject(new ApiResponseError(status, `the API answered ${status}`)),
      })
    }),
}

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  events = []
  batches = []
  queues = new Map()
  reported = []
  awaited = []
  batcher = new Batcher({
    api,
    log: createLogger({ service: 'test', level: 'silent' }),
    events: {
      onBatch: ({ updates }) => batches.push(updates),
      onDelayed: (isDelayed) => events.push(isDelayed ? 'delayed' : 'in time'),
    },
  })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The queue of a board, whose events are recorded. */
function queueOf(boardId: string): BoardQueue<string> {
  const known = queues.get(boardId)
  if (known) return known
  const record = (event: string) => {
    events.push(`${boardId} ${event}`)
    if (!queue.hasUnsaved) events.push(`${boardId} saved`)
  }
  const queue = batcher.open<string>(boardId, {
    onStored: ({ seq, updates }) => {
      reported.push(...updates.map(({ origin }) => origin))
      reported.push(...awaited.filter(({ isDone }) => isDone()).map(({ name }) => name))
      awaited = awaited.filter(({ isDone }) => !isDone())
      record(`stored ${updates.length} at ${seq}`)
    },
    onRefused: record,
  })
  queues.set(boardId, queue)
  return queue
}

const add = (boardId: string, update: BatchedUpdate) => queueOf(boardId).add(update, update.userId)
const hasUnsaved = (boardId: string) => queueOf(boardId).hasUnsaved

/** Waits for everything of a board that is not stored yet. @returns whether there is anything */
function awaitNewest(boardId: string, name: string): boolean {
  const { newest } = queueOf(boardId)
  if (newest) awaited.push({ name, isDone: () => newest.isStored })
  return newest !== undefined
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Updates are distinguished by their user. */
function named(name: string, bytes: Uint8Array = Uint8Array.of(1)): BatchedUpdate {
  return { userId: name, update: bytes }
}

/** The last batch that was sent; fails unless there are this many. */
function lastOf(count: number): Sent {
  expect(sent).toHaveLength(count)
  return sent[count - 1]!
}

describe('updates', () => {
  test('are collected for 20 ms and sent together, in order', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS - 1)
    add('B', named('2'))
    add('A', named('3'))
    expect(sent).toEqual([])
    await pass(1)
    expect(lastOf(1).names).toEqual({ A: ['1', '3'], B: ['2'] })
  })

  test('are sent one request at a time, later ones in the next batch', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    add('A', named('2'))
    await pass(60_000)
    add('A', named('3'))
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['2', '3'] })
  })

  test('are sent again after everything was stored', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(60_000)
    add('A', named('2'))
    await pass(WINDOW_MS - 1)
    expect(sent).toHaveLength(1)
    await pass(1)
    expect(lastOf(2).names).toEqual({ A: ['2'] })
  })

  test('are collected for 100 ms after a batch of eight or more, and for 20 after fewer', async () => {
    const addMany = (count: number) => {
      for (let i = 0; i < count; i++) add('A', named(`${i}`))
    }
    addMany(8)
    await pass(WINDOW_MS)
    addMany(7)
    lastOf(1).store()
    await pass(BUSY_WINDOW_MS - 1)
    expect(sent).toHaveLength(1)
    await pass(1)
    addMany(1)
    // The time that a batch takes counts.
    await pass(5)
    lastOf(2).store()
    await pass(WINDOW_MS - 6)
    expect(sent).toHaveLength(2)
    await pass(1)
    lastOf(3)
  })

  test('make no request when there are none', async () => {
    await pass(60_000)
    expect(sent).toEqual([])
  })
})

describe('a board', () => {
  test('has something unsaved from its first update until its last is stored', async () => {
    expect(hasUnsaved('A')).toBe(false)
    add('A', named('1'))
    expect(hasUnsaved('A')).toBe(true)
    expect(hasUnsaved('B')).toBe(false)
    await pass(WINDOW_MS)
    expect(hasUnsaved('A')).toBe(true)
    lastOf(1).store()
    await pass(0)
    expect(hasUnsaved('A')).toBe(false)
    expect(events).toEqual(['A stored 1 at 17', 'A saved'])
  })

  test('is not saved while more of it is queued', async () => {
    add('A', named('1'))
    add('B', named('2'))
    await pass(WINDOW_MS)
    add('A', named('3'))
    lastOf(1).store()
    await pass(0)
    expect(events).toEqual(['A stored 1 at 17', 'B stored 1 at 17', 'B saved'])
    expect(hasUnsaved('A')).toBe(true)
    await pass(WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(events.slice(3)).toEqual(['A stored 1 at 17', 'A saved'])
  })

  test('has nothing unsaved at the moment at which it is reported as stored', async () => {
    const unsaved: boolean[] = []
    for (const boardId of ['A', 'B']) {
      const queue = batcher.open(boardId, {
        onStored: () => unsaved.push(queue.hasUnsaved),
        onRefused: () => undefined,
      })
      queue.add(named('1'), undefined)
    }
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(0)
    expect(unsaved).toEqual([false, false])
  })
})

describe('a request that fails', () => {
  test('STORE-1: is repeated with what is new until it succeeds; nothing overtakes it', async () => {
    add('A', named('1'))
    add('B', named('2'))
    await pass(WINDOW_MS)
    add('A', named('3'))
    lastOf(1).fail()
    await pass(100)
    lastOf(2).fail()
    await pass(200)
    expect(lastOf(3).names).toEqual({ A: ['1', '3'], B: ['2'] })
    expect(hasUnsaved('B')).toBe(true)
    expect(events).toEqual([])
    lastOf(3).store()
    await pass(0)
    expect(events).toEqual(['A stored 2 at 17', 'A saved', 'B stored 1 at 17', 'B saved'])
  })

  test('is repeated after pauses that double from 100 ms to 1 s', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    for (const [i, pause] of [100, 200, 400, 800, 1000, 1000, 1000].entries()) {
      lastOf(i + 1).fail()
      await pass(pause - 1)
      expect(sent).toHaveLength(i + 1)
      await pass(1)
      expect(sent).toHaveLength(i + 2)
    }
  })

  test('after one that succeeded begins with the short pause again', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).fail()
    await pass(100)
    lastOf(2).fail()
    await pass(200)
    lastOf(3).store()
    add('A', named('2'))
    await pass(WINDOW_MS)
    lastOf(4).fail()
    await pass(100)
    expect(lastOf(5).names).toEqual({ A: ['2'] })
  })
})

describe('a board that is gone', () => {
  test('loses its queued updates, and no other board loses any', async () => {
    add('A', named('1'))
    add('B', named('2'))
    await pass(WINDOW_MS)
    add('A', named('3'))
    add('B', named('4'))
    lastOf(1).storeExcept('A')
    await pass(0)
    expect(events).toEqual(['A board_gone', 'A saved', 'B stored 1 at 17'])
    expect(hasUnsaved('A')).toBe(false)
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ B: ['4'] })
    lastOf(2).store()
    await pass(60_000)
    expect(events.slice(3)).toEqual(['B stored 1 at 17', 'B saved'])
    expect(sent).toHaveLength(2)
  })

  test('is sent again when it is edited again', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).storeExcept('A')
    await pass(0)
    add('A', named('2'))
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['2'] })
  })
})

describe.each([400, 413])('a batch that the API answers with %i', (status) => {
  test('STORE-10: is sent board by board: only the updates of the board that spoils it are lost', async () => {
    for (const board of ['A', 'B', 'C']) add(board, named(`${board}1`))
    await pass(WINDOW_MS)
    lastOf(1).refuse(status)
    await pass(0)
    expect(lastOf(2).names).toEqual({ A: ['A1'] })
    lastOf(2).store()
    await pass(0)
    expect(lastOf(3).names).toEqual({ B: ['B1'] })
    lastOf(3).refuse(status)
    await pass(0)
    expect(lastOf(4).names).toEqual({ C: ['C1'] })
    lastOf(4).fail()
    await pass(100)
    expect(lastOf(5).names).toEqual({ C: ['C1'] })
    lastOf(5).store()
    await pass(0)
    expect(events.sort()).toEqual([
      'A saved',
      'A stored 1 at 17',
      'B refused',
      'B saved',
      'C saved',
      'C stored 1 at 17',
    ])
    expect(batcher.unsavedBytes).toBe(0)
  })

  test('of one board is not sent again, nor are later updates of the board', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    add('A', named('2'))
    lastOf(1).refuse(status)
    await pass(60_000)
    expect(sent).toHaveLength(1)
    expect(events).toEqual(['A refused', 'A saved'])
    expect(batcher.unsavedBytes).toBe(0)
  })
})

describe.each([401, 404, 429, 500, 503])('a batch that the API answers with %i', (status) => {
  test('is sent again: nothing is lost', async () => {
    add('A', named('1'))
    add('B', named('2'))
    await pass(WINDOW_MS)
    lastOf(1).refuse(status)
    await pass(100)
    expect(lastOf(2).names).toEqual({ A: ['1'], B: ['2'] })
    expect(events).toEqual([])
  })
})

describe('an update', () => {
  test('is reported when it is stored, and not before', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    add('A', named('2'))
    expect(reported).toEqual([])
    lastOf(1).store()
    await pass(0)
    expect(reported).toEqual(['1'])
    await pass(WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(reported).toEqual(['1', '2'])
  })

  test('is never reported as stored when it was not', async () => {
    add('A', named('1'))
    const { newest } = queueOf('A')
    await pass(WINDOW_MS)
    lastOf(1).fail()
    await pass(100)
    lastOf(2).storeExcept('A')
    await pass(0)
    expect(reported).toEqual([])
    expect(newest!.isStored).toBe(false)
  })

  test('is stored after all that its board had queued before it, in a batch or not', async () => {
    expect(awaitNewest('A', 'nothing')).toBe(false)
    add('A', named('1'))
    expect(awaitNewest('A', 'after 1')).toBe(true)
    expect(awaitNewest('B', 'nothing')).toBe(false)
    await pass(WINDOW_MS)
    expect(awaitNewest('A', 'after 1, in flight')).toBe(true)
    add('A', named('2'))
    expect(awaitNewest('A', 'after 2')).toBe(true)
    lastOf(1).store()
    await pass(0)
    expect(reported).toEqual(['1', 'after 1', 'after 1, in flight'])
    await pass(WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(reported.slice(3)).toEqual(['2', 'after 2'])
    expect(awaitNewest('A', 'nothing')).toBe(false)
  })
})

describe('a board that was opened again while it has unsaved updates', () => {
  test('has two queues: each gets its own results, from batches of its own', async () => {
    add('A', named('1'))
    queues.delete('A')
    add('A', named('2'))
    await pass(WINDOW_MS)
    expect(lastOf(1).names).toEqual({ A: ['1'] })
    lastOf(1).storeExcept('A')
    await pass(0)
    expect(events).toEqual(['A board_gone', 'A saved'])
    expect(hasUnsaved('A')).toBe(true)
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['2'] })
    lastOf(2).store()
    await pass(0)
    expect(reported).toEqual(['2'])
  })
})

describe('the batcher is full', () => {
  const large = new Uint8Array(MEBIBYTE)

  test('STORE-8: at 64 MiB over all boards, and no longer once they are stored', async () => {
    for (let i = 0; i < 63; i++) add(`board ${i % 4}`, named('u', large))
    expect(batcher.isFull).toBe(false)
    add('another', named('u', large))
    expect(batcher.isFull).toBe(true)
    await pass(WINDOW_MS)
    expect(batcher.isFull).toBe(true)
    lastOf(1).fail()
    await pass(100)
    expect(batcher.isFull).toBe(true)
    lastOf(2).store()
    await pass(0)
    expect(batcher.isFull).toBe(false)
  })

  test('and no longer once the board that filled it is gone', async () => {
    add('A', named('first'))
    await pass(WINDOW_MS)
    for (let i = 0; i < 64; i++) add('A', named('u', large))
    expect(batcher.isFull).toBe(true)
    lastOf(1).storeExcept('A')
    await pass(0)
    expect(batcher.isFull).toBe(false)
    for (let i = 0; i < 63; i++) add('B', named('u', large))
    expect(batcher.isFull).toBe(false)
  })
})

describe('large edits', () => {
  test('STORE-8: leave a quarter of the 64 MiB to small ones', () => {
    const large = new Uint8Array(MEBIBYTE)
    for (let i = 0; i < 47; i++) add(`board ${i}`, named(`${i}`, large))
    expect(batcher.isFullFor(MEBIBYTE)).toBe(false)
    expect(batcher.isFullFor(MEBIBYTE + 1)).toBe(true)
    expect(batcher.isFullFor(64 * 1024 - 1)).toBe(false)
    add('another', named('u', large))
    expect(batcher.isFullFor(64 * 1024)).toBe(true)
    expect(batcher.isFullFor(64 * 1024 - 1)).toBe(false)
  })
})

describe('the share of one board', () => {
  test('STORE-16: is a quarter while no other has any, however many people draw on it', async () => {
    const large = new Uint8Array(MEBIBYTE)
    for (let i = 0; i < 15; i++) add('A', named(`${i}`, large))
    expect(batcher.isBoardShareUsedUp(queueOf('A'))).toBe(false)
    add('A', named('last', large))
    expect(batcher.isBoardShareUsedUp(queueOf('A'))).toBe(true)
    expect(batcher.isBoardShareUsedUp(queueOf('B'))).toBe(false)
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(0)
    expect(batcher.isBoardShareUsedUp(queueOf('A'))).toBe(false)
  })
})

describe('the share of one person', () => {
  const large = new Uint8Array(MEBIBYTE)

  test('STORE-16: is a quarter for one alone over all boards, and less while others have many', async () => {
    for (let i = 0; i < 15; i++) add(`board ${i}`, named('Eve', large))
    expect(batcher.isShareUsedUp('Eve')).toBe(false)
    add('another', named('Eve', large))
    expect(batcher.isShareUsedUp('Eve')).toBe(true)
    expect(batcher.isShareUsedUp('Ada')).toBe(false)
    for (let i = 0; i < 12; i++) add('Ada’s', named('Ada', large))
    expect(batcher.isShareUsedUp('Ada')).toBe(true)
    expect(batcher.isShareUsedUp('Alan')).toBe(false)
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(BUSY_WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(batcher.isShareUsedUp('Eve')).toBe(false)
    expect(batcher.isShareUsedUp('Ada')).toBe(false)
  })

  test('counts edits, too, however small', () => {
    for (let i = 0; i < 62_499; i++) add('A', named('Eve'))
    expect(batcher.isShareUsedUp('Eve')).toBe(false)
    add('A', named('Eve'))
    expect(batcher.isShareUsedUp('Eve')).toBe(true)
  })
})

describe('a board with much to store', () => {
  const large = new Uint8Array(MEBIBYTE)

  test('STORE-17: does not hold back the others', async () => {
    for (let i = 0; i < 20; i++) add('large', named(`${i}`, large))
    await pass(WINDOW_MS)
    expect(Object.keys(lastOf(1).names)).toEqual(['large'])
    add('small', named('1'))
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ small: ['1'] })
    lastOf(2).store()
    await pass(0)
    expect(events).toEqual(['small stored 1 at 17', 'small saved'])
  })

  test('has one batch at a time, also while what is left is little', async () => {
    add('A', named('first', large))
    await pass(WINDOW_MS)
    add('A', named('last'))
    await pass(1_000)
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['last'] })
    lastOf(2).store()
    await batcher.flush()
    expect(hasUnsaved('A')).toBe(false)
  })

  test('that was opened again waits for its own batch in the other lane', async () => {
    add('A', named('first', large))
    queues.delete('A')
    add('A', named('again'))
    await pass(1_000)
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['again'] })
  })

  test('leaves the API to others for as long as its last batch took', async () => {
    for (let i = 0; i < 8; i++) add('A', named(`${i}`, large))
    await pass(WINDOW_MS)
    await pass(300)
    lastOf(1).store()
    await pass(299)
    expect(sent).toHaveLength(1)
    await pass(1)
    lastOf(2)
  })

  test('has 1 MiB of a batch, and waits behind all others of its kind for the next', async () => {
    const part = new Uint8Array(MEBIBYTE - 100)
    for (const board of ['A', 'B', 'C', 'D', 'E']) {
      for (let i = 0; i < 2; i++) add(board, named(`${board}${i}`, part))
    }
    await pass(WINDOW_MS)
    expect(lastOf(1).names).toEqual({ A: ['A0'], B: ['B0'], C: ['C0'], D: ['D0'] })
    lastOf(1).store()
    await pass(BUSY_WINDOW_MS)
    expect(Object.keys(lastOf(2).names)).toEqual(['E', 'A', 'B', 'C'])
  })
})

describe('a board whose row is locked', () => {
  test('STORE-19: is sent alone after pauses that double from 25 ms to 1 s, and no other waits', async () => {
    add('A', named('A1'))
    add('B', named('B1'))
    await pass(WINDOW_MS)
    lastOf(1).storeUnlessBusy('A')
    await pass(0)
    expect(events).toEqual(['B stored 1 at 17', 'B saved'])
    add('A', named('A2'))
    add('B', named('B2'))
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ B: ['B2'] })
    lastOf(2).store()
    await pass(5)
    expect(lastOf(3).names).toEqual({ A: ['A1', 'A2'] })
    for (const [i, pause] of [50, 100, 200, 400, 800, 1000, 1000].entries()) {
      lastOf(i + 3).storeUnlessBusy('A')
      await pass(pause - 1)
      expect(sent).toHaveLength(i + 3)
      await pass(1)
    }
    expect(events.slice(2)).toEqual(['B stored 1 at 17', 'B saved', 'delayed'])
    lastOf(10).store()
    await pass(0)
    expect(events.slice(5)).toEqual(['in time', 'A stored 2 at 17', 'A saved'])
    add('A', named('A3'))
    await pass(WINDOW_MS)
    expect(lastOf(11).names).toEqual({ A: ['A3'] })
  })

  test('is sent beside one other of its kind', async () => {
    const boards = ['A', 'B', 'C', 'D']
    for (const board of boards) add(board, named(board))
    await pass(WINDOW_MS)
    lastOf(1).storeUnlessBusy(...boards)
    await pass(25)
    expect(lastOf(3).names).toEqual({ B: ['B'] })
    sent[1]!.store()
    await pass(0)
    expect(lastOf(4).names).toEqual({ C: ['C'] })
  })

  test('loses nothing, in its order, also when the API is away meanwhile', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).storeUnlessBusy('A')
    await pass(25)
    add('A', named('2'))
    lastOf(2).fail()
    await pass(50)
    expect(lastOf(3).names).toEqual({ A: ['1', '2'] })
    lastOf(3).storeExcept('A')
    await pass(0)
    expect(events).toEqual(['A board_gone', 'A saved'])
    expect(batcher.unsavedBytes).toBe(0)
  })
})

describe('a batch that takes too long', () => {
  const half = new Uint8Array(MEBIBYTE / 2)

  test('STORE-20: is sent in halves, others first, and in whole again once that succeeds', async () => {
    const boards = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']
    for (const board of boards) add(board, named(board, half))
    await pass(WINDOW_MS)
    expect(Object.keys(lastOf(1).names)).toEqual(boards.slice(0, 7))
    lastOf(1).timeOut()
    await pass(100)
    expect(Object.keys(lastOf(2).names)).toEqual(['H', 'A', 'B'])
    lastOf(2).timeOut()
    await pass(200)
    expect(Object.keys(lastOf(3).names)).toEqual(['C'])
    lastOf(3).store()
    await pass(300)
    expect(Object.keys(lastOf(4).names)).toEqual(['D', 'E', 'F'])
    lastOf(4).store()
    await pass(300)
    expect(Object.keys(lastOf(5).names)).toEqual(['G', 'H', 'A', 'B'])
  })

  test('of one board alone lets the others go first', async () => {
    add('A', named('A'))
    await pass(WINDOW_MS)
    add('B', named('B'))
    lastOf(1).timeOut()
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ B: ['B'] })
    await pass(5)
    expect(lastOf(3).names).toEqual({ A: ['A'] })
    sent[1]!.store()
    await pass(0)
    expect(events).toEqual(['B stored 1 at 17', 'B saved'])
  })
})

describe('more than 4 MiB of updates', () => {
  const large = new Uint8Array(1.5 * MEBIBYTE)

  test('of one board are sent in parts of 1 MiB, in order', async () => {
    const small = new Uint8Array(0.4 * MEBIBYTE)
    for (const name of ['1', '2', '3', '4', '5']) add('A', named(name, small))
    const parts: string[][] = []
    for (let i = 1; i <= 3; i++) {
      await pass(WINDOW_MS)
      parts.push(lastOf(i).names.A!)
      expect(events).not.toContain('A saved')
      lastOf(i).store()
    }
    await pass(0)
    expect(parts).toEqual([['1', '2'], ['3', '4'], ['5']])
    expect(events).toEqual(['A stored 2 at 17', 'A stored 2 at 17', 'A stored 1 at 17', 'A saved'])
  })

  test('of several boards are sent in parts, and every board gets its turn', async () => {
    for (const board of ['A', 'B', 'C']) {
      add(board, named(`${board}1`, large))
      add(board, named(`${board}2`, large))
    }
    for (let i = 1; i <= 3; i++) {
      await pass(WINDOW_MS)
      lastOf(i).store()
    }
    await pass(60_000)
    expect(sent.map(({ names }) => names)).toEqual([
      { A: ['A1'], B: ['B1'] },
      { C: ['C1'], A: ['A2'] },
      { B: ['B2'], C: ['C2'] },
    ])
  })

  test('in a single update are sent alone', async () => {
    add('A', named('huge', new Uint8Array(20 * MEBIBYTE)))
    add('A', named('small'))
    await pass(WINDOW_MS)
    expect(lastOf(1).names).toEqual({ A: ['huge'] })
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['small'] })
  })

  test('never exceed what the API accepts, framing included, however small they are', async () => {
    const USER_AND_LENGTH_BYTES = 17
    const update = named('u', new Uint8Array(6))
    const count = 1_500_000
    expect(count * (USER_AND_LENGTH_BYTES + 6)).toBeGreaterThan(MAX_UPDATE_BATCH_BYTES)
    for (let i = 0; i < count; i++) add('A', update)
    let stored = 0
    for (let i = 1; stored < count; i++) {
      await pass(BUSY_WINDOW_MS)
      const { updates } = lastOf(i).batch[0]!
      expect(updates.length * (USER_AND_LENGTH_BYTES + 6)).toBeLessThan(MAX_UPDATE_BATCH_BYTES)
      stored += updates.length
      lastOf(i).store()
    }
    expect(stored).toBe(count)
  })
})

describe('a flush', () => {
  test('sends at once and resolves when everything is stored', async () => {
    let isDone = false
    add('A', named('1'))
    const flushed = batcher.flush().then(() => {
      isDone = true
    })
    await pass(0)
    lastOf(1)
    expect(isDone).toBe(false)
    lastOf(1).store()
    await flushed
    expect(hasUnsaved('A')).toBe(false)
  })

  test('resolves at once where nothing is queued, also after something was stored', async () => {
    await batcher.flush()
    add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(0)
    await batcher.flush()
    expect(sent).toHaveLength(1)
  })

  test('waits for the request in flight, for later updates, and for retries', async () => {
    let isDone = false
    add('A', named('1'))
    await pass(WINDOW_MS)
    add('A', named('2'))
    const flushed = batcher.flush().then(() => {
      isDone = true
    })
    lastOf(1).fail()
    await pass(100)
    add('A', named('3'))
    lastOf(2).store()
    await pass(WINDOW_MS)
    expect(lastOf(3).names).toEqual({ A: ['3'] })
    expect(isDone).toBe(false)
    lastOf(3).storeUnlessBusy('A')
    await pass(25)
    expect(isDone).toBe(false)
    lastOf(4).store()
    await flushed
  })
})

describe('the time a batch took', () => {
  test('counts towards the window of the next', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    add('A', named('2'))
    await pass(12)
    lastOf(1).store()
    await pass(7)
    expect(sent).toHaveLength(1)
    await pass(1)
    add('A', named('3'))
    await pass(500)
    lastOf(2).store()
    await pass(0)
    expect(lastOf(3).names).toEqual({ A: ['3'] })
    lastOf(3).store()
    await pass(0)
    expect(batches).toEqual([1, 1, 1])
  })
})

describe('delayed storage', () => {
  test('is reported once, also when a request hangs, and its end once', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS + 1_999)
    expect(events).toEqual([])
    await pass(1)
    expect(events).toEqual(['delayed'])
    expect(batcher.isDelayed).toBe(true)
    expect(batcher.oldestUnsavedMs).toBe(WINDOW_MS + 2_000)

    lastOf(1).fail()
    await pass(10_000)
    lastOf(2).fail()
    await pass(10_000)
    expect(events).toEqual(['delayed'])
    lastOf(3).store()
    await pass(0)
    expect(events).toEqual(['delayed', 'in time', 'A stored 1 at 17', 'A saved'])
    expect(batcher.oldestUnsavedMs).toBe(0)
  })

  test('does not end while updates queued meanwhile wait', async () => {
    add('A', named('1'))
    await pass(WINDOW_MS)
    add('A', named('2'))
    await pass(3_000)
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(events).toEqual(['delayed', 'A stored 1 at 17'])
    lastOf(2).store()
    await pass(0)
    expect(events.slice(2)).toEqual(['in time', 'A stored 1 at 17', 'A saved'])
  })

  test('fills the batcher with very many small updates, too', async () => {
    for (let i = 0; i < 249_999; i++) add('A', named('1'))
    expect(batcher.isFull).toBe(false)
    add('A', named('1'))
    expect(batcher.isFull).toBe(true)
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(0)
    expect(batcher.isFull).toBe(false)
  })
})

describe('a listener that fails', () => {
  test.each(['onBatch', 'onDelayed'] as const)('%s: storing continues', async (name) => {
    const failing = new Batcher({
      api,
      log: createLogger({ service: 'test', level: 'silent' }),
      events: {
        onBatch: () => undefined,
        onDelayed: () => undefined,
        [name]: () => {
          throw new Error('a listener failed')
        },
      },
    })
    const queue = failing.open('A', { onStored: () => undefined, onRefused: () => undefined })
    queue.add(named('1'), '1')
    await pass(WINDOW_MS + 2_000)
    lastOf(1).store()
    await pass(0)
    queue.add(named('2'), '2')
    await pass(WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(queue.hasUnsaved).toBe(false)
    await failing.flush()
  })
})
