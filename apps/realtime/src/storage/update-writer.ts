import type { BatchedUpdate, UpdateBatchReply } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import { type ApiClient, ApiResponseError } from './api-client.ts'

/**
 * How long updates gather before a batch leaves, milliseconds. Of a batch that follows another one,
 * the time that one took counts: what came meanwhile has gathered already.
 */
const BATCH_WINDOW_MS = 20

/**
 * The same after a batch of many updates: a request and its transaction cost more than what is in
 * them, here, at the API and in PostgreSQL.
 */
const BUSY_BATCH_WINDOW_MS = 100

/** From so many updates on a batch is one of many. */
const BUSY_BATCH_UPDATES = 8

/** Most bytes of updates in one batch, framing included; a single larger update goes alone. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024

/**
 * Bytes an update takes in a batch besides its own, at most: whose it is, and its length. While
 * the API is away a million small edits may gather, of which this is the greater part.
 */
const UPDATE_FRAMING_BYTES = 16 + 4

/** Most bytes that wait to be stored, over all boards, before edits are refused. */
const MAX_UNSAVED_BYTES = 64 * 1024 * 1024

/** Most updates that wait: each takes some hundred bytes of memory besides its own. */
const MAX_UNSAVED_UPDATES = 250_000

/** So long may an update wait until clients are told that storage is delayed, milliseconds. */
const DELAYED_AFTER_MS = 2_000

/** Pause before a failed batch is sent again, milliseconds; doubles up to the maximum. */
const RETRY_DELAY_MS = 100
const MAX_RETRY_DELAY_MS = 1_000

/** An update on its way to Postgres. */
interface WaitingUpdate extends BatchedUpdate {
  /** Called once it is there. */
  onStored: (() => void) | undefined
  /** Since when it waits, milliseconds since 1970. */
  queuedAt: number
}

/** A board's part of a batch. */
interface QueuedBoard {
  boardId: string
  updates: WaitingUpdate[]
}

/** What the API answered for a board, or that it will not take its updates at all. */
type StoreResult = UpdateBatchReply['results'][number] | { boardId: string; status: 'refused' }

/** Why a board's updates were not stored, for good. */
export type StorageRefusal = 'board_gone' | 'refused'

/** Told what became of a board's updates. */
export interface UpdateWriterEvents {
  /** `count` updates of the board are stored, the last of them under `seq`. */
  onStored(boardId: string, seq: number, count: number): void
  /** The board's updates cannot be stored: what was waiting for it was dropped. */
  onRefused(boardId: string, why: StorageRefusal): void
  /** Nothing waits for this board any more. */
  onBoardSaved(boardId: string): void
  /** A batch was stored, which took so long, all attempts together. */
  onBatch(batch: { updates: number; seconds: number }): void
  /** Edits wait longer than they should, or do so no more. */
  onDelayed(isDelayed: boolean): void
}

/**
 * Stores updates of all boards through the API: they gather for a moment, then leave together in
 * one request, one at a time. A batch that fails is kept and sent again until it is stored.
 */
export class UpdateWriter {
  readonly #api: ApiClient
  readonly #log: Logger
  readonly #events: UpdateWriterEvents
  /** What the next batch is made of. */
  #waiting = new Map<string, WaitingUpdate[]>()
  /** What of each board is on its way. */
  #inFlight = new Map<string, WaitingUpdate[]>()
  #unsavedBytes = 0
  #unsavedUpdates = 0
  #isDelayed = false
  #running: Promise<void> | undefined
  #skipWindow: (() => void) | undefined

  constructor(deps: { api: ApiClient; log: Logger; events: UpdateWriterEvents }) {
    this.#api = deps.api
    this.#log = deps.log
    this.#events = deps.events
  }

  /** Whether so much waits already that no further edit should be accepted. */
  get isFull(): boolean {
    return this.#unsavedBytes >= MAX_UNSAVED_BYTES || this.#unsavedUpdates >= MAX_UNSAVED_UPDATES
  }

  /** Whether something of this board is not stored yet. */
  hasUnsaved(boardId: string): boolean {
    return this.#waiting.has(boardId) || this.#inFlight.has(boardId)
  }

  /** Whether edits wait longer than they should. */
  get isDelayed(): boolean {
    return this.#isDelayed
  }

  /** How long the oldest update has been waiting, milliseconds; 0 where none is. */
  get oldestUnsavedMs(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const [first] of [...this.#inFlight.values(), ...this.#waiting.values()]) {
      oldest = Math.min(oldest, first?.queuedAt ?? oldest)
    }
    return oldest === Number.POSITIVE_INFINITY ? 0 : Date.now() - oldest
  }

  /**
   * Calls back once everything of a board that was added so far is stored.
   * @returns false where it is already, without calling back
   */
  whenStored(boardId: string, onStored: () => void): boolean {
    const last = (this.#waiting.get(boardId) ?? this.#inFlight.get(boardId))?.at(-1)
    if (!last) return false
    const { onStored: first } = last
    last.onStored = () => {
      first?.()
      onStored()
    }
    return true
  }

  /**
   * Takes an update over; the bytes must not change afterwards.
   * @param onStored called once it is in Postgres, in the order in which the board's updates came
   */
  add(boardId: string, { userId, update }: BatchedUpdate, onStored?: () => void): void {
    const waiting = { userId, update, onStored, queuedAt: Date.now() }
    const updates = this.#waiting.get(boardId)
    if (updates) updates.push(waiting)
    else this.#waiting.set(boardId, [waiting])
    this.#unsavedBytes += update.length
    this.#unsavedUpdates++
    this.#running ??= this.#run()
  }

  /** How much waits to be stored: the updates' own bytes. */
  get unsavedBytes(): number {
    return this.#unsavedBytes
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
      const batch = this.#takeBatch()
      this.#inFlight = new Map(batch.map(({ boardId, updates }) => [boardId, updates]))
      const watch = setTimeout(() => this.#setDelayed(true), DELAYED_AFTER_MS)
      const results = await this.#store(batch)
      clearTimeout(watch)
      this.#inFlight = new Map()
      const tookMs = performance.now() - startedAt
      windowMs = windowAfter(batch) - tookMs
      try {
        this.#settle(batch, results, tookMs)
      } catch (error) {
        // Who is told must not keep everybody's later edits from being stored.
        this.#log.error({ err: error }, 'stored updates cannot be told')
      }
    }
    this.#running = undefined
  }

  #setDelayed(isDelayed: boolean): void {
    if (isDelayed === this.#isDelayed) return
    this.#isDelayed = isDelayed
    if (isDelayed) this.#log.warn({ unsavedBytes: this.#unsavedBytes }, 'storing is delayed')
    else this.#log.info('storing is in time again')
    this.#events.onDelayed(isDelayed)
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
   * Whole boards up to the size of a batch; of a board that alone is larger, its first part.
   *
   * What is left goes into a new map: tables that a Map has outgrown point to the ones after them.
   * Once the first is old the garbage collector takes all that was ever in the map for alive, until
   * it looks through the whole heap.
   */
  #takeBatch(): QueuedBoard[] {
    const batch: QueuedBoard[] = []
    const left = new Map<string, WaitingUpdate[]>()
    let bytes = 0
    let isFull = false
    for (const [boardId, updates] of this.#waiting) {
      let count = 0
      while (!isFull && count < updates.length) {
        const size = (updates[count] as WaitingUpdate).update.length + UPDATE_FRAMING_BYTES
        isFull = bytes > 0 && bytes + size > MAX_BATCH_BYTES
        if (isFull) break
        bytes += size
        count++
      }
      if (count > 0) batch.push({ boardId, updates: updates.slice(0, count) })
      if (count < updates.length) left.set(boardId, updates.slice(count))
    }
    this.#waiting = left
    return batch
  }

  async #store(batch: QueuedBoard[]): Promise<StoreResult[]> {
    for (let delay = RETRY_DELAY_MS; ; delay = Math.min(delay * 2, MAX_RETRY_DELAY_MS)) {
      try {
        return (await this.#api.append(batch)).results
      } catch (error) {
        if (isRefusal(error)) return this.#isolate(batch, error)
        this.#log.warn({ err: error, boards: batch.length, retryInMs: delay }, 'storing failed')
        await new Promise((resolve) => setTimeout(resolve, delay))
      }
    }
  }

  /** The API will never take this batch: find the board that spoils it, and store the others. */
  async #isolate(batch: QueuedBoard[], error: unknown): Promise<StoreResult[]> {
    const [only, ...others] = batch
    if (only && others.length === 0) {
      this.#log.error({ err: error, boardId: only.boardId }, 'updates were refused and are lost')
      return [{ boardId: only.boardId, status: 'refused' }]
    }
    const results: StoreResult[] = []
    for (const board of batch) results.push(...(await this.#store([board])))
    return results
  }

  #settle(batch: QueuedBoard[], results: StoreResult[], tookMs: number): void {
    if (this.oldestUnsavedMs < DELAYED_AFTER_MS) this.#setDelayed(false)
    const byBoard = new Map(results.map((result) => [result.boardId, result]))
    let stored = 0
    for (const { boardId, updates } of batch) {
      this.#release(updates)
      const result = byBoard.get(boardId)
      if (result?.status === 'stored') {
        for (const { onStored } of updates) onStored?.()
        stored += updates.length
        this.#events.onStored(boardId, result.seq, updates.length)
      } else {
        this.#release(this.#waiting.get(boardId) ?? [])
        this.#waiting.delete(boardId)
        this.#events.onRefused(boardId, result?.status === 'rejected' ? 'board_gone' : 'refused')
      }
      if (!this.#waiting.has(boardId)) this.#events.onBoardSaved(boardId)
    }
    this.#events.onBatch({ updates: stored, seconds: tookMs / 1_000 })
  }

  #release(updates: BatchedUpdate[]): void {
    this.#unsavedUpdates -= updates.length
    for (const { update } of updates) this.#unsavedBytes -= update.length
  }
}

function windowAfter(batch: QueuedBoard[]): number {
  const count = batch.reduce((sum, { updates }) => sum + updates.length, 0)
  return count < BUSY_BATCH_UPDATES ? BATCH_WINDOW_MS : BUSY_BATCH_WINDOW_MS
}

/** Whether the API refused a request for what it is, so that sending it again is no use. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiResponseError && (error.status === 400 || error.status === 413)
}
