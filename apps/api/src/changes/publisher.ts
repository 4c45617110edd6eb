import type { AccessChanges, DomainEvent } from '@mindfuse/internal'
import { type Logger, OutageLog } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { readAccessChanges } from './access-changes.ts'
import type { AppliedChanges } from './applied-changes.ts'
import { accessOf } from './event-data.ts'

/** Key of the advisory lock under which numbers are given out ("mfev"). */
const SEQUENCE_LOCK = 0x6d666576

/** Most events handled in one go. */
const BATCH_SIZE = 500

/** How soon an event is published that another instance left when it died, milliseconds. */
const SWEEP_INTERVAL_MS = 1_000

/** How long a request may wait until what it changed is published and applied, milliseconds. */
const MAX_WAIT_MS = 2_000

/** How many announcements say again what one said: pub/sub may lose one. */
const REPEATED = 3

/**
 * Publishes the outbox: gives committed events their numbers, then publishes them to all instances. What a
 * crash leaves at any point is taken up by the next sweep of any instance, so an event may be
 * published twice and is never forgotten.
 */
export class EventPublisher {
  readonly #db: Database
  readonly #sharedState: SharedState
  readonly #outage: OutageLog
  readonly #applied: AppliedChanges
  readonly #scopes: readonly string[]
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #isWanted = false
  /** Called after the next attempt to publish, with the number up to which changes are announced. */
  #waiting: ((upTo: number | undefined) => void)[] = []
  /** Up to where the last announcements went, the oldest first. */
  #announced = [0]

  constructor(deps: {
    db: Database
    sharedState: SharedState
    applied: AppliedChanges
    /** See `accessScope`. */
    scopes: readonly string[]
    log: Logger
  }) {
    this.#db = deps.db
    this.#sharedState = deps.sharedState
    this.#applied = deps.applied
    this.#scopes = deps.scopes
    this.#outage = new OutageLog({
      log: deps.log,
      failed: 'events could not be published',
      recovered: 'events are published again',
    })
    this.#timer = setInterval(() => this.wake(), SWEEP_INTERVAL_MS)
  }

  /** Something was committed: publish it now rather than at the next sweep. */
  wake(): void {
    this.#isWanted = true
    this.#running ??= this.#run()
  }

  /**
   * Resolves once what was committed before is published and every gateway has applied it, or after two
   * seconds: the next sweep publishes it, and gateways ask. @returns whether all have applied it
   */
  async published(): Promise<boolean> {
    const deadline = performance.now() + MAX_WAIT_MS
    const upTo = await new Promise<number | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), MAX_WAIT_MS)
      this.#waiting.push((announced) => {
        clearTimeout(timer)
        resolve(announced)
      })
      this.wake()
    })
    if (upTo === undefined) return false
    return this.#applied.whenApplied(upTo, deadline - performance.now())
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
      let upTo: number | undefined
      try {
        await assignNumbers(this.#db)
        const changes = await readAccessChanges(this.#db, this.#announced[0])
        upTo = changes.upTo
        const published = await this.#publishBatch(changes)
        if (published === BATCH_SIZE) this.#isWanted = true
        this.#outage.recover()
      } catch (error) {
        // The rows are still there: the next sweep tries again.
        this.#outage.fail(error)
      }
      for (const resolve of waiting) resolve(upTo)
    }
    // In the same turn as the last check of #isWanted, or a wake in between would be lost.
    this.#running = undefined
  }

  async #publishBatch(changes: AccessChanges): Promise<number> {
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
        access: accessOf(row.data),
      })),
      changes,
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

  /** In one step, however many events there are: no revocation waits for the round trip of another. */
  async #publish(batch: DomainEvent[], changes: AccessChanges): Promise<void> {
    const { events, access } = this.#sharedState
    this.#announced = [...this.#announced, changes.upTo].slice(-REPEATED)
    await Promise.all([
      ...batch.map((event) => events.publish(JSON.stringify(event))),
      // Also where nothing changed: gateways learn from it that they know all there is.
      changes.after !== null &&
        access.publish(JSON.stringify({ ...changes, scopes: this.#scopes })),
    ])
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
