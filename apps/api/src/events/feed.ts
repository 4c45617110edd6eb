import { parseDomainEvent } from '@mindfuse/internal'
import { type Logger, OutageLog } from '@mindfuse/service-kit'
import type { EventBus } from '@mindfuse/shared-state'
import type { Database } from '../db/database.ts'
import { newestSeq, type OutboxRow, readAfter } from './repository.ts'

/** Most changes in one read. */
const BATCH_SIZE = 500

/** How soon a change is found whose announcement was lost, milliseconds. */
const POLL_INTERVAL_MS = 500

/**
 * Reads the outbox once for all streams of this instance: when the bus announces a change, and
 * regularly, because the bus may lose messages. Without open streams it reads nothing.
 */
export class Feed {
  readonly #deps: FeedDeps
  readonly #outage: OutageLog
  readonly #timer: NodeJS.Timeout
  readonly #unsubscribe: () => void
  #position: number | undefined
  #isRunning = false
  #isWanted = false
  #isStopped = false
  #batch: Promise<void> = Promise.resolve()

  constructor(deps: FeedDeps) {
    this.#deps = deps
    this.#outage = new OutageLog({
      log: deps.log,
      failed: 'changes could not be delivered to event streams',
      recovered: 'changes are delivered to event streams again',
    })
    this.#timer = setInterval(() => this.#wake(), POLL_INTERVAL_MS)
    this.#unsubscribe = deps.events.subscribe((message) => {
      const seq = parseDomainEvent(message)?.seq
      if (seq !== undefined && seq > (this.#position ?? 0)) this.#wake()
    })
  }

  /** All up to here has been delivered; undefined without open streams. */
  get position(): number | undefined {
    return this.#position
  }

  /**
   * A number after which everything is delivered to the streams open when this was called; what
   * comes up to it may be delivered, too.
   *
   * @throws Error where the outbox cannot be read
   */
  async settled(): Promise<number> {
    await this.#batch
    if (this.#position === undefined) {
      this.#wake()
      await this.#batch
    }
    if (this.#position === undefined) throw new Error('the outbox cannot be read')
    return this.#position
  }

  /** Resolves after the current batch. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    this.#unsubscribe()
    await this.#batch
  }

  #wake(): void {
    this.#isWanted = true
    if (!this.#isRunning && !this.#isStopped) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false
      this.#batch = this.#deliverBatch()
      await this.#batch
    }
    this.#isRunning = false
  }

  async #deliverBatch(): Promise<void> {
    const { db, deliver, hasStreams } = this.#deps
    if (!hasStreams()) {
      this.#position = undefined
      return
    }
    try {
      this.#position ??= await newestSeq(db)
      const rows = await readAfter(db, this.#position, BATCH_SIZE)
      if (rows.length > 0) await deliver(rows)
      this.#position = rows.at(-1)?.seq ?? this.#position
      if (rows.length === BATCH_SIZE) this.#isWanted = true
      this.#outage.recover()
    } catch (error) {
      // They are still there: the next poll reads them again.
      this.#outage.fail(error)
    }
  }
}

/** What a feed is made of. */
export interface FeedDeps {
  db: Database
  events: EventBus
  log: Logger
  /** Whether any stream is open. */
  hasStreams: () => boolean
  /** Delivers changes to all streams. Changes for which it rejects are delivered again. */
  deliver: (rows: OutboxRow[]) => Promise<void>
}
