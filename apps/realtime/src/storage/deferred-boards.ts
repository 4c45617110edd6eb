import type { BoardQueue } from './board-queue.ts'
import { type BoardResult, isUndecided, type SendBatchDeps, sendBatch } from './send-batch.ts'

/** Pause before a board is sent alone, milliseconds; doubles up to the maximum. */
const RETRY_DELAY_MS = 25
const MAX_RETRY_DELAY_MS = 1_000

/** Most of these boards that are sent at a time: the API waits a moment for the lock of each. */
const MAX_SENDING = 2

/** What deferred boards need from the batcher. */
export interface DeferredBoardsDeps extends SendBatchDeps {
  /** Boards with updates in a batch, here or in any lane. */
  inFlight: Set<string>
  /** A board is deferred for so long, milliseconds. */
  slowAfterMs: number
  onSlow: () => void
  /** The API has decided on a board, which is no longer deferred. */
  onSettled: (queue: BoardQueue, result: BoardResult, tookMs: number) => void
}

/**
 * Boards that cannot be stored at present, because something else has the lock of their row: each is
 * sent alone, after pauses of its own, so that no other board waits for it.
 */
export class DeferredBoards {
  readonly #deps: DeferredBoardsDeps
  readonly #retries = new Map<BoardQueue, Promise<void>>()
  /** Boards whose pause is over, while others are sent. */
  readonly #turns: (() => void)[] = []
  #sending = 0

  constructor(deps: DeferredBoardsDeps) {
    this.#deps = deps
  }

  get isRunning(): boolean {
    return this.#retries.size > 0
  }

  /** Since when its oldest update is queued, in the time of `performance.now()`; infinity where none is. */
  get oldestQueuedAt(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const queue of this.#retries.keys()) oldest = Math.min(oldest, queue.oldestQueuedAt)
    return oldest
  }

  has(queue: BoardQueue): boolean {
    return this.#retries.has(queue)
  }

  add(queue: BoardQueue): void {
    this.#retries.set(queue, this.#retry(queue))
  }

  /** Resolves once none of the present ones is deferred. */
  async flush(): Promise<void> {
    await Promise.all(this.#retries.values())
  }

  async #retry(queue: BoardQueue): Promise<void> {
    const { slowAfterMs, onSlow, onSettled } = this.#deps
    const startedAt = performance.now()
    const watch = setTimeout(onSlow, slowAfterMs)
    let result: BoardResult
    let pauseMs = RETRY_DELAY_MS
    do {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      pauseMs = Math.min(pauseMs * 2, MAX_RETRY_DELAY_MS)
      result = await this.#inTurn(() => this.#send(queue))
    } while (isUndecided(result))
    clearTimeout(watch)
    this.#retries.delete(queue)
    onSettled(queue, result, performance.now() - startedAt)
  }

  async #send(queue: BoardQueue): Promise<BoardResult> {
    const { boardId } = queue
    const { inFlight } = this.#deps
    // The same board was closed and opened again: one after the other.
    if (inFlight.has(boardId)) return { boardId, status: 'busy' }
    inFlight.add(boardId)
    queue.fillBatch(Number.POSITIVE_INFINITY, { atLeastOne: true })
    const [result = { boardId, status: 'unsent' as const }] = await sendBatch(
      [queue.batch],
      this.#deps,
    )
    inFlight.delete(boardId)
    if (isUndecided(result)) queue.requeue()
    return result
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#sending < MAX_SENDING) this.#sending++
    else await new Promise<void>((resolve) => this.#turns.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#turns.shift()
      if (next) next()
      else this.#sending--
    }
  }
}
