import type { BatchedUpdate } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import { People } from '../person/people.ts'
import type { ApiClient } from './api-client.ts'
import { BoardQueue, type BoardQueueEvents, type QueueLoad } from './board-queue.ts'
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
 * kind has one request at a time, and so does each board.
 */
export class Batcher {
  readonly #log: Logger
  readonly #events: BatcherEvents
  readonly #unsaved: UnsavedEdits
  readonly #small: Lane
  readonly #large: Lane
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
    const lane = {
      ...deps,
      inFlight: new Set<string>(),
      slowAfterMs: DELAYED_AFTER_MS,
      onSlow: () => this.#setDelayed(true),
      onSettled: (queues: readonly BoardQueue[], results: readonly BoardResult[], tookMs: number) =>
        this.#settle(queues, results, tookMs),
    }
    this.#small = new Lane({ ...lane, isPaced: false })
    this.#large = new Lane({ ...lane, isPaced: true })
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
    const oldest = Math.min(this.#small.oldestQueuedAt, this.#large.oldestQueuedAt)
    return oldest === Number.POSITIVE_INFINITY ? 0 : Date.now() - oldest
  }

  /** Resolves once everything added so far is stored. */
  async flush(): Promise<void> {
    while (this.#small.isRunning || this.#large.isRunning)
      await Promise.all([this.#small.flush(), this.#large.flush()])
  }

  /** A queue changed: puts it into the lane for its size. */
  #assign(queue: BoardQueue): void {
    const isLarge = queue.waitingBytes >= LARGE_QUEUE_BYTES
    const [lane, other] = isLarge ? [this.#large, this.#small] : [this.#small, this.#large]
    other.remove(queue)
    if (queue.isWaiting) lane.add(queue)
    else lane.remove(queue)
  }

  #settle(queues: readonly BoardQueue[], results: readonly BoardResult[], tookMs: number): void {
    if (this.#isDelayed && this.oldestUnsavedMs < DELAYED_AFTER_MS) this.#setDelayed(false)
    const byBoard = new Map(results.map((result) => [result.boardId, result]))
    let stored = 0
    for (const queue of queues) {
      const { boardId } = queue
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
    this.#small.wake()
    this.#large.wake()
    this.#notify(() => this.#events.onBatch({ updates: stored, seconds: tookMs / 1_000 }))
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
