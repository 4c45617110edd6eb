import type { BatchedUpdate, BoardUpdates, UpdateBatchReply } from '@mindfuse/internal'
import { MAX_UPDATE_BATCH_BYTES } from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ApiClient, ApiResponseError } from './api-client.ts'
import { UpdateWriter } from './update-writer.ts'

const MEBIBYTE = 1024 * 1024
const WINDOW_MS = 20
const BUSY_WINDOW_MS = 100

/** A batch that the API was sent, and how to answer it. */
interface Sent {
  batch: BoardUpdates[]
  /** The names of its updates, board by board. */
  names: Record<string, string[]>
  store(): void
  /** Stores all boards but these, which are gone. */
  storeExcept(...gone: string[]): void
  fail(): void
  /** The API takes none of it, ever: it answers with this status. */
  refuse(status: number): void
}

let sent: Sent[]
let events: string[]
let batches: number[]
let writer: UpdateWriter

const api: Pick<ApiClient, 'append'> = {
  append: (batch) =>
    new Promise<UpdateBatchReply>((resolve, reject) => {
      const storeExcept = (...gone: string[]) =>
        resolve({
          results: batch.map(({ boardId }) =>
            gone.includes(boardId)
              ? { boardId, status: 'rejected', code: 'board_gone' }
              : { boardId, status: 'stored', seq: 17 },
          ),
        })
      sent.push({
        batch,
        names: Object.fromEntries(
          batch.map(({ boardId, updates }) => [boardId, updates.map(({ userId }) => userId)]),
        ),
        store: () => storeExcept(),
        storeExcept,
        fail: () => reject(new Error('the API is away')),
        refuse: (status) => reject(new ApiResponseError(status, `the API answered ${status}`)),
      })
    }),
}

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  events = []
  batches = []
  writer = new UpdateWriter({
    api: api as ApiClient,
    log: createLogger({ service: 'test', level: 'silent' }),
    events: {
      onStored: (boardId, seq, count) => events.push(`${boardId} stored ${count} at ${seq}`),
      onRefused: (boardId, why) => events.push(`${boardId} ${why}`),
      onBoardSaved: (boardId) => events.push(`${boardId} saved`),
      onBatch: ({ updates }) => batches.push(updates),
      onDelayed: (isDelayed) => events.push(isDelayed ? 'delayed' : 'in time'),
    },
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Updates are told apart by their user. */
function named(name: string, bytes: Uint8Array = Uint8Array.of(1)): BatchedUpdate {
  return { userId: name, update: bytes }
}

/** The last batch that was sent, when there are this many. */
function lastOf(count: number): Sent {
  expect(sent).toHaveLength(count)
  return sent[count - 1]!
}

describe('updates', () => {
  test('gather for 20 ms and leave together, in order', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS - 1)
    writer.add('B', named('2'))
    writer.add('A', named('3'))
    expect(sent).toEqual([])
    await pass(1)
    expect(lastOf(1).names).toEqual({ A: ['1', '3'], B: ['2'] })
  })

  test('leave one request at a time; what comes meanwhile gathers', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    writer.add('A', named('2'))
    await pass(60_000)
    writer.add('A', named('3'))
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['2', '3'] })
  })

  test('leave again after everything was stored', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(60_000)
    writer.add('A', named('2'))
    await pass(WINDOW_MS - 1)
    expect(sent).toHaveLength(1)
    await pass(1)
    expect(lastOf(2).names).toEqual({ A: ['2'] })
  })

  test('gather for 100 ms after eight or more in a batch, and for 20 after fewer', async () => {
    const add = (count: number) => {
      for (let i = 0; i < count; i++) writer.add('A', named(`${i}`))
    }
    add(8)
    await pass(WINDOW_MS)
    add(7)
    lastOf(1).store()
    await pass(BUSY_WINDOW_MS - 1)
    expect(sent).toHaveLength(1)
    await pass(1)
    add(1)
    // The time that a batch takes counts.
    await pass(5)
    lastOf(2).store()
    await pass(WINDOW_MS - 6)
    expect(sent).toHaveLength(2)
    await pass(1)
    lastOf(3)
  })

  test('that are none make no request', async () => {
    await pass(60_000)
    expect(sent).toEqual([])
  })
})

describe('a board', () => {
  test('has something unsaved from its first update until its last is stored', async () => {
    expect(writer.hasUnsaved('A')).toBe(false)
    writer.add('A', named('1'))
    expect(writer.hasUnsaved('A')).toBe(true)
    expect(writer.hasUnsaved('B')).toBe(false)
    await pass(WINDOW_MS)
    expect(writer.hasUnsaved('A')).toBe(true)
    lastOf(1).store()
    await pass(0)
    expect(writer.hasUnsaved('A')).toBe(false)
    expect(events).toEqual(['A stored 1 at 17', 'A saved'])
  })

  test('is not saved while more of it waits', async () => {
    writer.add('A', named('1'))
    writer.add('B', named('2'))
    await pass(WINDOW_MS)
    writer.add('A', named('3'))
    lastOf(1).store()
    await pass(0)
    expect(events).toEqual(['A stored 1 at 17', 'B stored 1 at 17', 'B saved'])
    expect(writer.hasUnsaved('A')).toBe(true)
    await pass(WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(events.slice(3)).toEqual(['A stored 1 at 17', 'A saved'])
  })

  test('that is told saved says so truly: nothing of it is unsaved at that moment', async () => {
    const unsaved: boolean[] = []
    writer = new UpdateWriter({
      api: api as ApiClient,
      log: createLogger({ service: 'test', level: 'silent' }),
      events: {
        onStored: () => undefined,
        onRefused: () => undefined,
        onBoardSaved: (boardId) => unsaved.push(writer.hasUnsaved(boardId)),
        onBatch: () => undefined,
        onDelayed: () => undefined,
      },
    })
    writer.add('A', named('1'))
    writer.add('B', named('2'))
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(0)
    expect(unsaved).toEqual([false, false])
  })
})

describe('a request that fails', () => {
  test('STORE-1: is repeated as it was until it succeeds; nothing overtakes it', async () => {
    writer.add('A', named('1'))
    writer.add('B', named('2'))
    await pass(WINDOW_MS)
    const { batch } = lastOf(1)
    writer.add('A', named('3'))
    lastOf(1).fail()
    await pass(100)
    lastOf(2).fail()
    await pass(200)
    expect(lastOf(3).batch).toEqual(batch)
    expect(writer.hasUnsaved('B')).toBe(true)
    expect(events).toEqual([])
    lastOf(3).store()
    await pass(WINDOW_MS)
    expect(lastOf(4).names).toEqual({ A: ['3'] })
  })

  test('is repeated after pauses that double from 100 ms to 1 s', async () => {
    writer.add('A', named('1'))
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
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).fail()
    await pass(100)
    lastOf(2).fail()
    await pass(200)
    lastOf(3).store()
    writer.add('A', named('2'))
    await pass(WINDOW_MS)
    lastOf(4).fail()
    await pass(100)
    expect(lastOf(5).names).toEqual({ A: ['2'] })
  })
})

describe('a board that is gone', () => {
  test('loses what waits for it, and nobody else loses anything', async () => {
    writer.add('A', named('1'))
    writer.add('B', named('2'))
    await pass(WINDOW_MS)
    writer.add('A', named('3'))
    writer.add('B', named('4'))
    lastOf(1).storeExcept('A')
    await pass(0)
    expect(events).toEqual(['A board_gone', 'A saved', 'B stored 1 at 17'])
    expect(writer.hasUnsaved('A')).toBe(false)
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ B: ['4'] })
    lastOf(2).store()
    await pass(60_000)
    expect(events.slice(3)).toEqual(['B stored 1 at 17', 'B saved'])
    expect(sent).toHaveLength(2)
  })

  test('is asked about again when it is edited again', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).storeExcept('A')
    await pass(0)
    writer.add('A', named('2'))
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['2'] })
  })
})

describe.each([400, 413])('a batch that the API answers with %i', (status) => {
  test('STORE-10: is taken apart: the board that spoils it is lost alone', async () => {
    for (const board of ['A', 'B', 'C']) writer.add(board, named(`${board}1`))
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
    expect(writer.unsavedBytes).toBe(0)
  })

  test('of one board is not sent again, and what follows of it neither', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    writer.add('A', named('2'))
    lastOf(1).refuse(status)
    await pass(60_000)
    expect(sent).toHaveLength(1)
    expect(events).toEqual(['A refused', 'A saved'])
    expect(writer.unsavedBytes).toBe(0)
  })
})

describe.each([401, 404, 429, 500, 503])('a batch that the API answers with %i', (status) => {
  test('is sent again as it was: nothing is lost', async () => {
    writer.add('A', named('1'))
    writer.add('B', named('2'))
    await pass(WINDOW_MS)
    lastOf(1).refuse(status)
    await pass(100)
    expect(lastOf(2).names).toEqual({ A: ['1'], B: ['2'] })
    expect(events).toEqual([])
  })
})

describe('who waits for an update', () => {
  let told: string[]
  beforeEach(() => {
    told = []
  })
  const tell = (name: string) => () => void told.push(name)

  test('is told when it is stored, and not before', async () => {
    writer.add('A', named('1'), tell('1'))
    await pass(WINDOW_MS)
    writer.add('A', named('2'), tell('2'))
    expect(told).toEqual([])
    lastOf(1).store()
    await pass(0)
    expect(told).toEqual(['1'])
    await pass(WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(told).toEqual(['1', '2'])
  })

  test('is never told that an update is stored which was not', async () => {
    writer.add('A', named('1'), tell('1'))
    await pass(WINDOW_MS)
    lastOf(1).fail()
    await pass(100)
    lastOf(2).storeExcept('A')
    await pass(0)
    expect(told).toEqual([])
  })

  test('is told of all that a board has on its way, wherever that is', async () => {
    expect(writer.whenStored('A', tell('nothing'))).toBe(false)
    writer.add('A', named('1'), tell('1'))
    expect(writer.whenStored('A', tell('after 1'))).toBe(true)
    expect(writer.whenStored('B', tell('nothing'))).toBe(false)
    await pass(WINDOW_MS)
    expect(writer.whenStored('A', tell('after 1, on its way'))).toBe(true)
    writer.add('A', named('2'), tell('2'))
    expect(writer.whenStored('A', tell('after 2'))).toBe(true)
    lastOf(1).store()
    await pass(0)
    expect(told).toEqual(['1', 'after 1', 'after 1, on its way'])
    await pass(WINDOW_MS)
    lastOf(2).store()
    await pass(0)
    expect(told.slice(3)).toEqual(['2', 'after 2'])
    expect(writer.whenStored('A', tell('nothing'))).toBe(false)
  })
})

describe('the writer is full', () => {
  const large = new Uint8Array(MEBIBYTE)

  test('STORE-8: at 64 MiB over all boards, and not any more when they are stored', async () => {
    for (let i = 0; i < 63; i++) writer.add(`board ${i % 4}`, named('u', large))
    expect(writer.isFull).toBe(false)
    writer.add('another', named('u', large))
    expect(writer.isFull).toBe(true)
    await pass(WINDOW_MS)
    expect(writer.isFull).toBe(true)
    lastOf(1).fail()
    await pass(100)
    expect(writer.isFull).toBe(true)
    lastOf(2).store()
    await pass(0)
    expect(writer.isFull).toBe(false)
  })

  test('and not any more when the board that filled it is gone', async () => {
    writer.add('A', named('first'))
    await pass(WINDOW_MS)
    for (let i = 0; i < 64; i++) writer.add('A', named('u', large))
    expect(writer.isFull).toBe(true)
    lastOf(1).storeExcept('A')
    await pass(0)
    expect(writer.isFull).toBe(false)
    for (let i = 0; i < 63; i++) writer.add('B', named('u', large))
    expect(writer.isFull).toBe(false)
  })
})

describe('what is more than 16 MiB', () => {
  const six = new Uint8Array(6 * MEBIBYTE)

  test('of one board leaves in parts, in order', async () => {
    for (const name of ['1', '2', '3', '4', '5']) writer.add('A', named(name, six))
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

  test('of several boards leaves in parts, and every board gets its turn', async () => {
    for (const board of ['A', 'B', 'C']) {
      writer.add(board, named(`${board}1`, six))
      writer.add(board, named(`${board}2`, six))
    }
    for (let i = 1; i <= 3; i++) {
      await pass(WINDOW_MS)
      lastOf(i).store()
    }
    await pass(60_000)
    expect(sent.map(({ names }) => names)).toEqual([
      { A: ['A1', 'A2'] },
      { B: ['B1', 'B2'] },
      { C: ['C1', 'C2'] },
    ])
  })

  test('in a single update leaves alone', async () => {
    writer.add('A', named('huge', new Uint8Array(20 * MEBIBYTE)))
    writer.add('A', named('small'))
    await pass(WINDOW_MS)
    expect(lastOf(1).names).toEqual({ A: ['huge'] })
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(lastOf(2).names).toEqual({ A: ['small'] })
  })

  test('with its framing is never more than the API takes, however small the updates', async () => {
    const USER_AND_LENGTH_BYTES = 17
    const update = named('u', new Uint8Array(6))
    const count = 1_500_000
    expect(count * (USER_AND_LENGTH_BYTES + 6)).toBeGreaterThan(MAX_UPDATE_BATCH_BYTES)
    for (let i = 0; i < count; i++) writer.add('A', update)
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
    writer.add('A', named('1'))
    const flushed = writer.flush().then(() => {
      isDone = true
    })
    await pass(0)
    lastOf(1)
    expect(isDone).toBe(false)
    lastOf(1).store()
    await flushed
    expect(writer.hasUnsaved('A')).toBe(false)
  })

  test('resolves at once where nothing waits, also after something was stored', async () => {
    await writer.flush()
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(0)
    await writer.flush()
    expect(sent).toHaveLength(1)
  })

  test('waits for the request that is under way, for what came since, and for retries', async () => {
    let isDone = false
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    writer.add('A', named('2'))
    const flushed = writer.flush().then(() => {
      isDone = true
    })
    lastOf(1).fail()
    await pass(100)
    lastOf(2).store()
    await pass(WINDOW_MS)
    expect(lastOf(3).names).toEqual({ A: ['2'] })
    expect(isDone).toBe(false)
    lastOf(3).store()
    await flushed
  })
})

describe('the time a batch took', () => {
  test('counts towards the window of the next', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    writer.add('A', named('2'))
    await pass(12)
    lastOf(1).store()
    await pass(7)
    expect(sent).toHaveLength(1)
    await pass(1)
    writer.add('A', named('3'))
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
  test('is told once, also when a request hangs, and once that it is over', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS + 1_999)
    expect(events).toEqual([])
    await pass(1)
    expect(events).toEqual(['delayed'])
    expect(writer.isDelayed).toBe(true)
    expect(writer.oldestUnsavedMs).toBe(WINDOW_MS + 2_000)

    lastOf(1).fail()
    await pass(10_000)
    lastOf(2).fail()
    await pass(10_000)
    expect(events).toEqual(['delayed'])
    lastOf(3).store()
    await pass(0)
    expect(events).toEqual(['delayed', 'in time', 'A stored 1 at 17', 'A saved'])
    expect(writer.oldestUnsavedMs).toBe(0)
  })

  test('is not over while what gathered meanwhile waits', async () => {
    writer.add('A', named('1'))
    await pass(WINDOW_MS)
    writer.add('A', named('2'))
    await pass(3_000)
    lastOf(1).store()
    await pass(WINDOW_MS)
    expect(events).toEqual(['delayed', 'A stored 1 at 17'])
    lastOf(2).store()
    await pass(0)
    expect(events.slice(2)).toEqual(['in time', 'A stored 1 at 17', 'A saved'])
  })

  test('is full with very many small updates, too', async () => {
    for (let i = 0; i < 249_999; i++) writer.add('A', named('1'))
    expect(writer.isFull).toBe(false)
    writer.add('A', named('1'))
    expect(writer.isFull).toBe(true)
    await pass(WINDOW_MS)
    lastOf(1).store()
    await pass(0)
    expect(writer.isFull).toBe(false)
  })
})
