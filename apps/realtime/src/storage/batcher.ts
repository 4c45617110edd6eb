import type { Logger } from '@mindfuse/service-kit'
import type { ApiClient } from './api-client.ts'
import { BoardQueue, type BoardQueueEvents } from './board-queue.ts'
import { type BoardResult, sendBatch } from './send-batch.ts'

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
const MAX_BATCH_BYTES = 16 * 1024 * 1024

/** Most unsaved bytes, over all boards, before edits are refused. */
const MAX_UNSAVED_BYTES = 64 * 1024 * 1024

/** Most unsaved updates: each takes some hundred bytes of memory besides its own. */
const MAX_UNSAVED_UPDATES = 250_000

/** Age of the oldest unsaved update at which storage counts as delayed, milliseconds. */
const DELAYED_AFTER_MS = 2_000

/** What concerns all boards. */
export interface BatcherEvents {
  /** A batch is stored; it took this long, all attempts included. */
  onBatch(batch: { updates: number; seconds: number }): void
  /** Storage became delayed, or caught up. */
  onDelayed(isDelayed: boolean): void
}

/**
 * Stores the updates of all boards through the API: collects them for a moment, then sends them in
 * one request, one request at a time, until they are stored.
 */
export class Batcher {
  readonly #api: Pick<ApiClient, 'append'>
  readonly #log: Logger
  readonly #events: BatcherEvents
  /** Queues with updates for the next batches. */
  #waiting = new Set<BoardQueue>()
  /** Queues with updates in the current batch, by board. */
  #batch = new Map<string, BoardQueue>()
  #unsavedBytes = 0
  #unsavedUpdates = 0
  #isDelayed = false
  #running: Promise<void> | undefined
  #skipWindow: (() => void) | undefined

  constructor(deps: { api: Pick<ApiClient, 'append'>; log: Logger; events: BatcherEvents }) {
    this.#api = deps.api
    this.#log = deps.log
    this.#events = deps.events
  }

  /** A queue for a board that was opened. It may outlive the board: its updates are still stored. */
  open<Origin>(boardId: string, events: BoardQueueEvents<Origin>): BoardQueue<Origin> {
    return new BoardQueue(boardId, events, (queue, bytes, updates) => {
      this.#unsavedBytes += bytes
      this.#unsavedUpdates += updates
      if (queue.isWaiting) {
        this.#waiting.add(queue)
        this.#running ??= this.#run()
      } else {
        this.#waiting.delete(queue)
      }
    })
  }

  /** Whether so much is unsaved that no further edit should be accepted. */
  get isFull(): boolean {
    return this.#unsavedBytes >= MAX_UNSAVED_BYTES || this.#unsavedUpdates >= MAX_UNSAVED_UPDATES
  }

  /** Whether updates are unsaved for longer than they should be. */
  get isDelayed(): boolean {
    return this.#isDelayed
  }

  /** The unsaved updates' own bytes. */
  get unsavedBytes(): number {
    return this.#unsavedBytes
  }

  /** Age of the oldest unsaved update, milliseconds; 0 where there is none. */
  get oldestUnsavedMs(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const queue of this.#batch.values()) oldest = Math.min(oldest, queue.oldestQueuedAt)
    for (const queue of this.#waiting) oldest = Math.min(oldest, queue.oldestQueuedAt)
    return oldest === Number.POSITIVE_INFINITY ? 0 : Date.now() - oldest
  }

  /** Resolves once everything added so far is stored. */
  async flush(): Promise<void> {
    this.#skipWindow?.()
    await this.#running
  }

  async #run(): Promise<void> {
    let windowMs = BATCH_WINDOW_MS
    while (this.#waiting.size > 0) {
      if (windowMs > 0) await this.#window(windowMs)
      const startedAt = performance.now()
      this.#fillBatch()
      const batch = Array.from(this.#batch.values(), (queue) => queue.batch)
      const updates = batch.reduce((sum, board) => sum + board.updates.length, 0)
      const watch = setTimeout(() => this.#setDelayed(true), DELAYED_AFTER_MS)
      const results = await sendBatch(batch, { api: this.#api, log: this.#log })
      clearTimeout(watch)
      const tookMs = performance.now() - startedAt
      windowMs = (updates < BUSY_BATCH_UPDATES ? BATCH_WINDOW_MS : BUSY_BATCH_WINDOW_MS) - tookMs
      this.#settle(results, tookMs)
    }
    this.#running = undefined
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
   * Whole queues up to the size of a batch; of a queue that alone is larger, its first part.
   *
   * The rest goes into a new set: V8 keeps the tables that a Set or Map has outgrown, and each points
   * to the next. Once the first is old, everything that was ever in it stays alive until a full
   * garbage collection.
   */
  #fillBatch(): void {
    const batch = new Map<string, BoardQueue>()
    const rest = new Set<BoardQueue>()
    let bytes = 0
    for (const queue of this.#waiting) {
      // A batch names a board once. The same board was closed and opened again: one after the other.
      if (!batch.has(queue.boardId)) {
        const added = queue.fillBatch(MAX_BATCH_BYTES - bytes, { atLeastOne: bytes === 0 })
        if (added > 0) batch.set(queue.boardId, queue)
        bytes += added
      }
      if (queue.isWaiting) rest.add(queue)
    }
    this.#batch = batch
    this.#waiting = rest
  }

  #settle(results: readonly BoardResult[], tookMs: number): void {
    const batch = this.#batch
    this.#batch = new Map()
    if (!this.#isWaitingTooLong) this.#setDelayed(false)
    const byBoard = new Map(results.map((result) => [result.boardId, result]))
    let stored = 0
    for (const [boardId, queue] of batch) {
      const result = byBoard.get(boardId)
      this.#notify(() => {
        if (result?.status === 'stored') {
          stored += queue.batch.updates.length
          queue.confirm(result.seq)
        } else {
          queue.refuse(result?.status === 'rejected' ? 'board_gone' : 'refused')
        }
      }, boardId)
    }
    this.#notify(() => this.#events.onBatch({ updates: stored, seconds: tookMs / 1_000 }))
  }

  get #isWaitingTooLong(): boolean {
    const horizon = Date.now() - DELAYED_AFTER_MS
    for (const queue of this.#waiting) if (queue.oldestWaitingAt <= horizon) return true
    return false
  }

  #setDelayed(isDelayed: boolean): void {
    if (isDelayed === this.#isDelayed) return
    this.#isDelayed = isDelayed
    if (isDelayed) this.#log.warn({ unsavedBytes: this.#unsavedBytes }, 'storage is delayed')
    else this.#log.info('storage is no longer delayed')
    this.#notify(() => this.#events.onDelayed(isDelayed))
  }

  /** A listener that fails must not stop the storage of all boards. */
  #notify(listener: () => void, boardId?: string): void {
    try {
      listener()
    } catch (error) {
      this.#log.error({ err: error, boardId }, 'result of storing cannot be handled')
    }
  }
}
