import type { BoardUpdates, UpdateBatchReply } from '@mindfuse/internal'
import { createLogger } from '@mindfuse/service-kit'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiResponseError } from './api-client.ts'
import { Batcher } from './batcher.ts'
import type { BoardQueue, StoredUpdates } from './board-queue.ts'
import { NoAnswerError } from './http-connection.ts'

const BOARDS = ['A', 'B', 'C']
const LARGE = new Uint8Array(7 * 1024 * 1024)

type Step =
  | { kind: 'add'; board: number; bytes: number }
  | { kind: 'reopen'; board: number }
  | { kind: 'pass'; ms: number }
  /** The API answers the request in flight; a lost answer was stored all the same. */
  | { kind: 'store' | 'lose' | 'fail' | 'timeOut' | 'refuse' }
  | { kind: 'reject' | 'lock'; board: number }

const board = fc.nat(BOARDS.length - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), board, bytes: sizes() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), board }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(120) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('store' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('lose', 'fail', 'timeOut', 'refuse') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('reject' as const, 'lock' as const), board }),
  },
)

/** Mostly small; some so large that a batch takes two of them, and no third. */
function sizes() {
  return fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 2, arbitrary: fc.constant(LARGE.length) },
  )
}

/** A queue and everything that was ever added to it, with the fate of each update. */
interface Opened {
  queue: BoardQueue<number>
  updates: { bytes: number; fate: 'unsaved' | 'stored' | 'refused' }[]
}

/** An API that numbers what it stores, and answers its one request when `answer` is called. */
class Api {
  readonly stored = new Map<string, number[]>(BOARDS.map((boardId) => [boardId, []]))
  /** The API's last decision on each board. */
  readonly verdicts = new Map<string, string>()
  #pending:
    | {
        batch: BoardUpdates[]
        resolve: (reply: UpdateBatchReply) => void
        reject: (error: Error) => void
      }
    | undefined

  get isAsked(): boolean {
    return this.#pending !== undefined
  }

  append(batch: BoardUpdates[]): Promise<UpdateBatchReply> {
    expect(this.#pending).toBeUndefined()
    const boardIds = batch.map(({ boardId }) => boardId)
    expect(new Set(boardIds).size).toBe(batch.length)
    return new Promise((resolve, reject) => {
      this.#pending = { batch, resolve, reject }
    })
  }

  /** @param at the board that is gone or locked */
  answer(kind: Exclude<Step['kind'], 'add' | 'reopen' | 'pass'>, at?: string): void {
    const pending = this.#pending
    if (!pending) return
    this.#pending = undefined
    if (kind === 'fail') pending.reject(new Error('the API is down'))
    else if (kind === 'timeOut') pending.reject(new NoAnswerError('no answer in time'))
    else if (kind === 'refuse') {
      const [only, ...others] = pending.batch
      if (only && others.length === 0) this.verdicts.set(only.boardId, 'refused')
      pending.reject(new ApiResponseError(400, 'malformed'))
    } else {
      const results = pending.batch.map((part) =>
        kind === 'lock' && part.boardId === at
          ? { boardId: at, status: 'busy' as const }
          : this.#store(part, kind === 'reject' ? at : undefined),
      )
      if (kind === 'lose') pending.reject(new Error('the connection broke'))
      else pending.resolve({ results })
    }
  }

  #store({ boardId, updates }: BoardUpdates, gone?: string): UpdateBatchReply['results'][number] {
    this.verdicts.set(boardId, boardId === gone ? 'board_gone' : 'stored')
    if (boardId === gone) return { boardId, status: 'rejected', code: 'board_gone' }
    const stored = this.stored.get(boardId)!
    for (const { userId } of updates) stored.push(Number(userId))
    return { boardId, status: 'stored', seq: stored.length }
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('STORE-1: whatever the API answers, each update is stored or refused once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const api = new Api()
      const batcher = new Batcher({
        api,
        log: createLogger({ service: 'test', level: 'silent' }),
        events: { onBatch: () => undefined, onDelayed: () => undefined },
      })
      const opened: Opened[] = []
      const current = new Map<string, Opened>()
      const reports: { actual: unknown; expected: unknown }[] = []
      let name = 0

      const open = (boardId: string): Opened => {
        const updates: Opened['updates'] = []
        const queue = batcher.open<number>(boardId, {
          onStored: ({ seq, updates: stored }: StoredUpdates<number>) => {
            // Checked outside, because the batcher catches what a handler throws.
            const numbered = api.stored.get(boardId)!
            const unsaved = [...updates.keys()].filter((i) => updates[i]!.fate === 'unsaved')
            reports.push({
              actual: {
                seq,
                names: stored.map(({ userId }) => Number(userId)),
                origins: stored.map(({ origin }) => origin),
                areStored: stored.every(({ isStored }) => isStored),
              },
              expected: {
                seq: numbered.length,
                names: numbered.slice(-stored.length),
                origins: unsaved.slice(0, stored.length),
                areStored: true,
              },
            })
            for (const { origin } of stored) updates[origin]!.fate = 'stored'
          },
          onRefused: (reason) => {
            reports.push({ actual: reason, expected: api.verdicts.get(boardId) })
            for (const update of updates) if (update.fate === 'unsaved') update.fate = 'refused'
          },
        })
        const board = { queue, updates }
        opened.push(board)
        current.set(boardId, board)
        return board
      }
      for (const boardId of BOARDS) open(boardId)

      const take = async (it: Step) => {
        if (it.kind === 'add') {
          const { queue, updates } = current.get(BOARDS[it.board]!)!
          updates.push({ bytes: it.bytes, fate: 'unsaved' })
          const update = LARGE.subarray(0, it.bytes)
          queue.add({ userId: `${name++}`, update }, updates.length - 1)
        } else if (it.kind === 'reopen') open(BOARDS[it.board]!)
        else if (it.kind === 'pass') await vi.advanceTimersByTimeAsync(it.ms)
        else {
          // Past the window: most answers find a request.
          if (!api.isAsked) await vi.advanceTimersByTimeAsync(120)
          api.answer(it.kind, 'board' in it ? BOARDS[it.board]! : undefined)
        }
        await vi.advanceTimersByTimeAsync(0)
      }
      const check = () => {
        for (const { actual, expected } of reports.splice(0)) expect(actual).toEqual(expected)
        const unsaved = opened.map(({ updates }) =>
          updates.filter(({ fate }) => fate === 'unsaved'),
        )
        for (const [i, { queue }] of opened.entries()) {
          expect(queue.hasUnsaved).toBe(unsaved[i]!.length > 0)
        }
        expect(batcher.unsavedBytes).toBe(unsaved.flat().reduce((sum, { bytes }) => sum + bytes, 0))
      }
      for (const it of steps) {
        await take(it)
        check()
      }

      let isFlushed = false
      void batcher.flush().then(() => {
        isFlushed = true
      })
      for (let i = 0; i < 200 && !isFlushed; i++) {
        await take({ kind: 'pass', ms: 1_000 })
        await take({ kind: 'store' })
      }
      expect(isFlushed).toBe(true)
      check()
      expect(batcher.unsavedBytes).toBe(0)
      for (const { queue, updates } of opened) {
        expect(queue.hasUnsaved).toBe(false)
        for (const { fate } of updates) expect(fate).not.toBe('unsaved')
      }
    }),
    { numRuns: 150 },
  )
})
