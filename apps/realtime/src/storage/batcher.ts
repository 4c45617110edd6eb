import type { BatchedUpdate } from '@mindfuse/internal'
import { type Logger, OutageLog } from '@mindfuse/service-kit'
import { People } from '../person/people.ts'
import type { ApiClient } from './api-client.ts'
import { BoardQueue, type BoardQueueEvents, type QueueLoad } from './board-queue.ts'
import { DeferredBoards } from './deferred-boards.ts'
import { Lane } from './lane.ts'
import type { BoardResult } from './send-batch.ts'
import { UnsavedEdits } from './unsaved-edits.ts'

/**
 * A board with this many bytes waiting is stored in a lane of its own kind: a batch of megabytes
 * takes a second, in which everybody else's would wait.
 */
const LARGE_QUEUE_BYTES = 256 * 1024

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
 * one request. Boards with much to store have requests of their own, beside those of all others; each
 * kind has one request at a time, and so does each board. A board that is busy is sent alone, later.
 */
export class Batcher {
  readonly #log: Logger
  readonly #events: BatcherEvents
  readonly #unsaved: UnsavedEdits
  readonly #small: Lane
  readonly #large: Lane
  readonly #deferred: DeferredBoards
  readonly #load: QueueLoad
  #isDelayed = false

  constructor(deps: {
    api: Pick<ApiClient, 'append'>
    log: Logger
    events: BatcherEvents
    people?: People
  }) {
    this.#log = deps.log
    this.#events = deps.events
    this.#unsaved = new UnsavedEdits(deps.people ?? new People())
    const sender = {
      ...deps,
      outage: new OutageLog({
        log: deps.log,
        failed: 'storing failed',
        recovered: 'edits are stored again',
      }),
      inFlight: new Set<string>(),
      slowAfterMs: DELAYED_AFTER_MS,
      onSlow: () => this.#setDelayed(true),
    }
    const lane = {
      ...sender,
      requeue: (queue: BoardQueue) => this.#requeue(queue),
      onSettled: this.#settle.bind(this),
    }
    this.#small = new Lane({ ...lane, isPaced: false })
    this.#large = new Lane({ ...lane, isPaced: true })
    this.#deferred = new DeferredBoards({
      ...sender,
      onSettled: (queue, result, tookMs) =>
        this.#settle([queue], new Map([[queue.boardId, result]]), tookMs),
    })
    this.#load = {
      onQueued: (queue, update) => {
        this.#unsaved.add(update)
        this.#assign(queue)
      },
      onReleased: (queue, updates) => {
        this.#unsaved.remove(updates)
        this.#assign(queue)
      },
    }
  }

  /** A queue for a board that was opened. It may outlive the board: its updates are still stored. */
  open<Origin>(boardId: string, events: BoardQueueEvents<Origin>): BoardQueue<Origin> {
    return new BoardQueue(boardId, events, this.#load)
  }

  /** Whether so much is unsaved that no further edit should be accepted. */
  get isFull(): boolean {
    return this.#unsaved.isFull
  }

  /** Whether so much is unsaved that no further edit of so many bytes should be accepted. */
  isFullFor(bytes: number): boolean {
    return this.#unsaved.isFullFor(bytes)
  }

  /** Whether so much of it is one board's that no further edit of it should be accepted. */
  isBoardShareUsedUp(queue: BoardQueue): boolean {
    return this.#unsaved.isBoardShareUsedUp(queue)
  }

  /** Whether so much of it is one person's that no further edit of theirs should be accepted. */
  isShareUsedUp(userId: string): boolean {
    return this.#unsaved.isShareUsedUp(userId)
  }

  /** Counts an edit that may have to be stored later. @returns how to release it, once */
  hold(edit: BatchedUpdate): () => void {
    this.#unsaved.add(edit)
    return () => this.#unsaved.remove([edit])
  }

  /** Whether updates are unsaved for longer than they should be. */
  get isDelayed(): boolean {
    return this.#isDelayed
  }

  /** The unsaved updates' own bytes. */
  get unsavedBytes(): number {
    return this.#unsaved.bytes
  }

  /** Age of the oldest unsaved update, milliseconds; 0 where there is none. */
  get oldestUnsavedMs(): number {
    const oldest = Math.min(...this.#senders.map(({ oldestQueuedAt }) => oldestQueuedAt))
    return oldest === Number.POSITIVE_INFINITY ? 0 : performance.now() - oldest
  }

  /** Resolves once everything added so far is stored. */
  async flush(): Promise<void> {
    while (this.#senders.some(({ isRunning }) => isRunning)) {
      await Promise.all(this.#senders.map((sender) => sender.flush()))
    }
  }

  get #senders() {
    return [this.#small, this.#large, this.#deferred]
  }

  /** A queue changed: puts it into the lane for its size, unless it is sent alone. */
  #assign(queue: BoardQueue): void {
    if (this.#deferred.has(queue)) return
    const isLarge = queue.waitingBytes >= LARGE_QUEUE_BYTES
    const [lane, other] = isLarge ? [this.#large, this.#small] : [this.#small, this.#large]
    other.remove(queue)
    if (queue.isWaiting) lane.add(queue)
    else lane.remove(queue)
  }

  #settle(
    queues: readonly BoardQueue[],
    results: ReadonlyMap<string, BoardResult>,
    tookMs: number,
  ): void {
    let stored = 0
    for (const queue of queues) {
      const result = results.get(queue.boardId)
      if (result?.status === 'busy') this.#defer(queue)
      else if (result?.status === 'stored') stored += queue.batch.updates.length
    }
    if (this.#isDelayed && this.oldestUnsavedMs < DELAYED_AFTER_MS) this.#setDelayed(false)
    for (const queue of queues) {
      if (!this.#deferred.has(queue)) this.#decide(queue, results.get(queue.boardId))
    }
    this.#small.wake()
    this.#large.wake()
    this.#notify(() => this.#events.onBatch({ updates: stored, seconds: tookMs / 1_000 }))
  }

  #decide(queue: BoardQueue, result: BoardResult | undefined): void {
    this.#notify(() => {
      if (result?.status === 'stored') queue.confirm(result)
      else queue.refuse(result?.status === 'rejected' ? 'board_gone' : 'refused')
    }, queue.boardId)
  }

  /** Behind all others, which may be stored without it. */
  #requeue(queue: BoardQueue): void {
    this.#takeBack(queue)
    this.#assign(queue)
  }

  /** Something else has the lock of the board's row. */
  #defer(queue: BoardQueue): void {
    this.#takeBack(queue)
    this.#deferred.add(queue)
  }

  #takeBack(queue: BoardQueue): void {
    queue.requeue()
    this.#small.remove(queue)
    this.#large.remove(queue)
  }

  #setDelayed(isDelayed: boolean): void {
    if (isDelayed === this.#isDelayed) return
    this.#isDelayed = isDelayed
    if (isDelayed) this.#log.warn({ unsavedBytes: this.unsavedBytes }, 'storage is delayed')
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
