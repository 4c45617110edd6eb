import type { BatchedUpdate, BoardUpdates } from '@mindfuse/internal'

/** An update on its way to PostgreSQL. */
export interface QueuedUpdate<Origin> extends BatchedUpdate {
  /** What its sender recognizes it by. */
  readonly origin: Origin
  /** When it was added, in the time of `performance.now()`. */
  readonly queuedAt: number
  /** Whether it is committed; never true for an update that was refused. */
  isStored: boolean
}

/** Updates that were committed, and the sequence number of the last of them. */
export interface StoredUpdates<Origin> {
  readonly seq: number
  /** The database that has them, if the API said so. */
  readonly incarnation: string | undefined
  /** In the order in which they were added; their sequence numbers have no gaps. */
  readonly updates: readonly QueuedUpdate<Origin>[]
}

/** Why a board's updates were not stored, for good. */
export type StorageRefusal = 'board_gone' | 'refused'

/** What becomes of a queue's updates: the one way back from storage. */
export interface BoardQueueEvents<Origin> {
  onStored(stored: StoredUpdates<Origin>): void
  /** Nothing that was in the queue will ever be stored. */
  onRefused(reason: StorageRefusal): void
}

/** What a queue counts its updates by. */
export interface QueueLoad {
  /** An update was queued. */
  onQueued(queue: BoardQueue, update: BatchedUpdate): void
  /** Updates left the queue, stored or not. */
  onReleased(queue: BoardQueue, updates: readonly BatchedUpdate[]): void
}

/**
 * An update's bytes in a batch besides its own, at most: its user and its length. While the API is
 * down a million small edits may be queued, of which this is the larger part.
 */
const UPDATE_FRAMING_BYTES = 16 + 4

/** Most bytes of one board in a batch, but for a single larger update: others are in it, too. */
const MAX_PART_BYTES = 1024 * 1024

/** The updates of one open board that are not stored yet, in their order. */
export class BoardQueue<Origin = unknown> {
  readonly boardId: string
  readonly #events: BoardQueueEvents<Origin>
  readonly #load: QueueLoad
  /** For a later batch. */
  #waiting: QueuedUpdate<Origin>[] = []
  #waitingBytes = 0
  #unsavedBytes = 0
  /** In the current batch; all of them are older than those that wait. */
  #inFlight: QueuedUpdate<Origin>[] = []

  constructor(boardId: string, events: BoardQueueEvents<Origin>, load: QueueLoad) {
    this.boardId = boardId
    this.#events = events
    this.#load = load
  }

  /** Queues an update, whose bytes must not change afterwards. */
  add({ userId, update }: BatchedUpdate, origin: Origin): void {
    const queued = { userId, update, origin, queuedAt: performance.now(), isStored: false }
    this.#waiting.push(queued)
    this.#waitingBytes += update.length + UPDATE_FRAMING_BYTES
    this.#unsavedBytes += update.length
    this.#load.onQueued(this, queued)
  }

  /** The newest update that is not stored yet. Once it is, so are all before it. */
  get newest(): QueuedUpdate<Origin> | undefined {
    return this.#waiting.at(-1) ?? this.#inFlight.at(-1)
  }

  get hasUnsaved(): boolean {
    return this.newest !== undefined
  }

  /** The updates' own bytes. */
  get unsavedBytes(): number {
    return this.#unsavedBytes
  }

  get unsavedUpdates(): number {
    return this.#waiting.length + this.#inFlight.length
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** The bytes of what waits, as they take in a batch. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Since when the oldest update is queued, in the time of `performance.now()`; infinity where none is. */
  get oldestQueuedAt(): number {
    return this.#inFlight[0]?.queuedAt ?? this.oldestWaitingAt
  }

  /** The same for updates that are not in the current batch. */
  get oldestWaitingAt(): number {
    return this.#waiting[0]?.queuedAt ?? Number.POSITIVE_INFINITY
  }

  /** The board's part of the current batch. */
  get batch(): BoardUpdates {
    return { boardId: this.boardId, updates: this.#inFlight }
  }

  /**
   * Puts the first updates into the current batch: those that fit, up to {@link MAX_PART_BYTES}, or one.
   * @param options.atLeastOne puts the first one in, however large
   * @returns the bytes they take there
   */
  fillBatch(maxBytes: number, { atLeastOne }: { atLeastOne: boolean }): number {
    let bytes = 0
    let count = 0
    for (const { update } of this.#waiting) {
      const size = update.length + UPDATE_FRAMING_BYTES
      if (bytes + size > maxBytes && !(atLeastOne && count === 0)) break
      if (bytes + size > MAX_PART_BYTES && count > 0) break
      bytes += size
      count++
    }
    this.#inFlight = this.#waiting.splice(0, count)
    this.#waitingBytes -= bytes
    return bytes
  }

  /** The current batch was not stored: it waits again, before everything else. */
  requeue(): void {
    for (const { update } of this.#inFlight) {
      this.#waitingBytes += update.length + UPDATE_FRAMING_BYTES
    }
    this.#waiting = [...this.#inFlight, ...this.#waiting]
    this.#inFlight = []
  }

  /** The current batch is committed, its last update of this board under `seq`. */
  confirm({ seq, incarnation }: { seq: number; incarnation?: string | undefined }): void {
    const updates = this.#inFlight
    this.#inFlight = []
    for (const update of updates) {
      update.isStored = true
      this.#unsavedBytes -= update.update.length
    }
    this.#load.onReleased(this, updates)
    this.#events.onStored({ seq, incarnation, updates })
  }

  /** The board is refused: nothing of it is sent again, whether it was in the batch or not. */
  refuse(reason: StorageRefusal): void {
    const dropped = [...this.#inFlight, ...this.#waiting]
    this.#inFlight = []
    this.#waiting = []
    this.#waitingBytes = 0
    this.#unsavedBytes = 0
    this.#load.onReleased(this, dropped)
    this.#events.onRefused(reason)
  }
}
