import type { BoardQueue } from './board-queue.ts'
import { type BoardResult, isUndecided, type SendBatchDeps, sendBatch } from './send-batch.ts'

/**
 * How long updates are collected before a batch is sent, milliseconds. The time that the previous
 * batch took counts towards it: updates were collected meanwhile.
 */
const BATCH_WINDOW_MS = 20

/**
 * The same after a batch of many updates: a request and its transaction cost more than the updates
 * in it, here, in the API and in PostgreSQL.
 */
const BUSY_BATCH_WINDOW_MS = 100

/** A batch counts as one of many updates from this number on. */
const BUSY_BATCH_UPDATES = 8

/** Most bytes of updates in one batch, framing included; a single larger update is sent alone. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024

/** Pause before a lane tries again after a batch that failed, milliseconds; doubles up to the maximum. */
const RETRY_DELAY_MS = 100
const MAX_RETRY_DELAY_MS = 1_000

/** Longest pause of a lane that is paced, milliseconds. */
const MAX_PAUSE_MS = 1_000

/** What a lane needs from the batcher. */
export interface LaneDeps extends SendBatchDeps {
  /** Boards with updates in a batch of any lane. */
  inFlight: Set<string>
  /** Whether a batch is followed by a pause as long as it took, so that it has half of the API at most. */
  isPaced: boolean
  /** A batch takes this long, attempts that failed included, milliseconds. */
  slowAfterMs: number
  onSlow: () => void
  /** A board's part of a batch has to be sent again: puts it back, behind all other boards. */
  requeue: (queue: BoardQueue) => void
  /** The API has decided on some boards, or says that they are busy. */
  onSettled: (
    queues: readonly BoardQueue[],
    results: ReadonlyMap<string, BoardResult>,
    tookMs: number,
  ) => void
}

/**
 * Sends the updates of some boards in batches, one request at a time, until they are stored. What is
 * overdue is sent again in halves, and each batch that succeeds doubles the size again. A board that is
 * overdue alone is treated as busy: the others do not wait for it.
 */
export class Lane {
  readonly #deps: LaneDeps
  /** Queues with updates for the next batches. */
  #waiting = new Set<BoardQueue>()
  /** Queues with updates in the current batch. */
  #batch: readonly BoardQueue[] = []
  #running: Promise<void> | undefined
  #isFlushing = false
  #maxBytes = MAX_BATCH_BYTES
  #watch: NodeJS.Timeout | undefined
  #skipWindow: (() => void) | undefined

  constructor(deps: LaneDeps) {
    this.#deps = deps
  }

  /** Since when its oldest update is queued, in the time of `performance.now()`; infinity where none is. */
  get oldestQueuedAt(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const queue of this.#batch) oldest = Math.min(oldest, queue.oldestQueuedAt)
    for (const queue of this.#waiting) oldest = Math.min(oldest, queue.oldestWaitingAt)
    return oldest
  }

  /** Whether anything of it is on its way, or will be. */
  get isRunning(): boolean {
    return this.#running !== undefined
  }

  add(queue: BoardQueue): void {
    this.#waiting.add(queue)
    this.#running ??= this.#run()
  }

  /** A batch has ended, here or in another lane: what waited for it can go on. */
  wake(): void {
    if (this.#waiting.size > 0) this.#running ??= this.#run()
  }

  remove(queue: BoardQueue): void {
    this.#waiting.delete(queue)
  }

  /** Sends at once. Resolves once nothing is left. */
  async flush(): Promise<void> {
    this.#isFlushing = true
    this.#skipWindow?.()
    await this.#running
    this.#isFlushing = false
  }

  async #run(): Promise<void> {
    const { isPaced } = this.#deps
    let windowMs = BATCH_WINDOW_MS
    let retryMs = RETRY_DELAY_MS
    let startedAt: number | undefined
    while (this.#waiting.size > 0) {
      if (windowMs > 0 && !this.#isFlushing) await this.#window(windowMs)
      this.#fillBatch()
      // What is left is in a batch of another lane, which wakes this one.
      if (this.#batch.length === 0) break
      startedAt ??= performance.now()
      this.#watch ??= setTimeout(() => this.#deps.onSlow(), this.#deps.slowAfterMs)
      const batch = this.#batch.map((queue) => queue.batch)
      const updates = batch.reduce((sum, board) => sum + board.updates.length, 0)
      const results = await sendBatch(batch, this.#deps)
      const tookMs = performance.now() - startedAt
      const hasFailed = this.#settle(results, tookMs)
      if (hasFailed) {
        await new Promise((resolve) => setTimeout(resolve, retryMs))
        retryMs = Math.min(retryMs * 2, MAX_RETRY_DELAY_MS)
        windowMs = 0
        continue
      }
      this.#endWatch()
      startedAt = undefined
      retryMs = RETRY_DELAY_MS
      const pauseMs = updates < BUSY_BATCH_UPDATES ? BATCH_WINDOW_MS : BUSY_BATCH_WINDOW_MS
      windowMs = Math.max(pauseMs - tookMs, isPaced ? Math.min(tookMs, MAX_PAUSE_MS) : 0)
    }
    this.#endWatch()
    this.#running = undefined
  }

  #endWatch(): void {
    clearTimeout(this.#watch)
    this.#watch = undefined
  }

  /** @returns whether something has to be sent again */
  #settle(results: readonly BoardResult[], tookMs: number): boolean {
    const { inFlight } = this.#deps
    const queues = this.#batch
    this.#batch = []
    const byBoard = new Map(results.map((result) => [result.boardId, result]))
    const isOverdue = results.some(({ status }) => status === 'overdue')
    if (isOverdue && queues.length === 1 && queues[0]) {
      const { boardId } = queues[0]
      byBoard.set(boardId, { boardId, status: 'busy' })
    }
    const failed = queues.filter(({ boardId }) => {
      const result = byBoard.get(boardId)
      return result && isUndecided(result) && result.status !== 'busy'
    })
    for (const { boardId } of queues) inFlight.delete(boardId)
    for (const queue of failed) this.#deps.requeue(queue)
    if (isOverdue) this.#maxBytes = Math.max(this.#maxBytes / 2, 1)
    else if (failed.length === 0) this.#maxBytes = Math.min(this.#maxBytes * 2, MAX_BATCH_BYTES)
    const settled = queues.filter((queue) => !failed.includes(queue))
    if (settled.length > 0) this.#deps.onSettled(settled, byBoard, tookMs)
    return failed.length > 0
  }

  #window(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.round(ms))
      this.#skipWindow = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /**
   * Queues up to the size of a batch; of one that is larger than its part of it, the rest comes after all
   * others.
   *
   * What waits goes into a new set: V8 keeps the tables that a Set or Map has outgrown, and each points
   * to the next. Once the first is old, everything that was ever in it stays alive until a full
   * garbage collection.
   */
  #fillBatch(): void {
    const { inFlight } = this.#deps
    const batch: BoardQueue[] = []
    const unserved: BoardQueue[] = []
    let bytes = 0
    for (const queue of this.#waiting) {
      // A batch names a board once, and a board is in one batch. The same board was closed and opened
      // again: one after the other.
      const added = inFlight.has(queue.boardId)
        ? 0
        : queue.fillBatch(this.#maxBytes - bytes, { atLeastOne: bytes === 0 })
      if (added > 0) {
        inFlight.add(queue.boardId)
        batch.push(queue)
        bytes += added
      } else {
        unserved.push(queue)
      }
    }
    this.#batch = batch
    this.#waiting = new Set([...unserved, ...batch.filter(({ isWaiting }) => isWaiting)])
  }
}
