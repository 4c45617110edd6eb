import type { DomainEvent } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** Key of the advisory lock under which numbers are given out ("mfev"). */
const SEQUENCE_LOCK = 0x6d666576

/** Most events handled in one go. */
const BATCH_SIZE = 500

/** How soon an event is published that another instance left when it died, milliseconds. */
const SWEEP_INTERVAL_MS = 1_000

/** How long a request may wait until what it changed is published, milliseconds. */
const MAX_WAIT_MS = 1_000

/**
 * Publishes the outbox: gives committed events their numbers, then publishes them to all instances. What a
 * crash leaves at any point is taken up by the next sweep of any instance, so an event may be
 * published twice and is never forgotten.
 */
export class EventPublisher {
  readonly #db: Database
  readonly #sharedState: SharedState
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #isWanted = false
  /** Called after the next attempt to publish. */
  #waiting: (() => void)[] = []

  constructor(deps: { db: Database; sharedState: SharedState; log: Logger }) {
    this.#db = deps.db
    this.#sharedState = deps.sharedState
    this.#log = deps.log
    this.#timer = setInterval(() => this.wake(), SWEEP_INTERVAL_MS)
  }

  /** Something was committed: publish it now rather than at the next sweep. */
  wake(): void {
    this.#isWanted = true
    this.#running ??= this.#run()
  }

  /**
   * Resolves once what was committed before is published. Where that fails, or takes longer than a
   * second, it resolves all the same: the next sweep publishes it.
   */
  published(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, MAX_WAIT_MS)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
      this.wake()
    })
  }

  /** Publishes what is left, as far as it can, and ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false
      const waiting = this.#waiting.splice(0)
      try {
        await assignNumbers(this.#db)
        const published = await this.#publishBatch()
        if (published === BATCH_SIZE) this.#isWanted = true
      } catch (error) {
        // The rows are still there: the next sweep tries again.
        this.#log.warn({ err: error }, 'events could not be published')
      }
      for (const resolve of waiting) resolve()
    }
    // In the same turn as the last check of #isWanted, or a wake in between would be lost.
    this.#running = undefined
  }

  async #publishBatch(): Promise<number> {
    const rows = await this.#db
      .selectFrom('events')
      .selectAll()
      .where('published_at', 'is', null)
      .where('seq', 'is not', null)
      .orderBy('seq')
      .limit(BATCH_SIZE)
      .execute()
    await this.#publish(
      rows.map((row) => ({
        seq: row.seq ?? 0,
        type: row.type,
        workspaceId: row.workspace_id,
        boardId: row.board_id,
        userId: row.user_id,
        ...row.data,
      })),
    )
    const ids = rows.map((row) => row.id)
    if (ids.length > 0) {
      await this.#db
        .updateTable('events')
        .set({ published_at: sql<Date>`now()` })
        .where((eb) => eb('id', '=', eb.fn.any(eb.val(ids))))
        .execute()
    }
    return rows.length
  }

  /** In two steps, however many events there are: no revocation waits for the round trip of another. */
  async #publish(batch: DomainEvent[]): Promise<void> {
    const { permissions, revocations, events } = this.#sharedState
    // First the caches: a gateway that receives the event must not find the old answer there.
    await Promise.all([
      ...batch
        .flatMap(({ access }) => access)
        .map(({ boardId, version }) => permissions.raiseVersion(boardId, version)),
      revocations.add(batch.flatMap(({ sessions }) => sessions)),
    ])
    await Promise.all(batch.map((event) => events.publish(JSON.stringify(event))))
  }
}

/** One instance at a time, so that a number is never visible before a smaller one. */
async function assignNumbers(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${SEQUENCE_LOCK})`.execute(tx)
    await sql`
      UPDATE events SET seq = numbered.seq
      FROM (
        SELECT id, nextval('events_seq') AS seq
        FROM (
          SELECT id FROM events
          WHERE published_at IS NULL AND seq IS NULL
          ORDER BY created_at LIMIT ${BATCH_SIZE}
        ) AS committed
      ) AS numbered
      WHERE events.id = numbered.id`.execute(tx)
  })
}
