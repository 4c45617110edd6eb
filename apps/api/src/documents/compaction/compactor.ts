import { type Logger, OutageLog } from '@mindfuse/service-kit'
import type { Database } from '../../db/database.ts'
import type { Quarantine } from '../quarantine/service.ts'
import type { MemoryBudget } from '../spool/memory-budget.ts'
import type { Spool } from '../spool/spool.ts'
import { withBytes } from '../spool/with-bytes.ts'
import type { DocumentMetrics } from '../stored/metrics.ts'
import type { OpenDocument } from '../stored/open-document.ts'
import { findHead } from '../stored/repository.ts'
import type { RememberUnbuildable } from '../stored/unbuildable.ts'
import { BACKGROUND } from '../worker/document-workers.ts'
import { UnbuildableError } from '../worker/errors.ts'
import { readResult } from '../worker/pieces.ts'
import { claim, claimDue, postpone, release } from './queue.ts'
import { LostRaceError, leaveAsItIs, replaceSnapshot } from './replace-snapshot.ts'

/** How often boards are picked up that another instance marked or left behind, milliseconds. */
const SWEEP_INTERVAL_MS = 5_000

/** How a compaction ended. */
export type CompactionOutcome =
  | 'compacted'
  /** Nothing but pending updates came after the snapshot, or the board cannot be read. */
  | 'nothing'
  /** Another instance is compacting it, or was first. */
  | 'elsewhere'

/** What a compactor works with. */
export interface CompactorDeps {
  db: Database
  openDocument: OpenDocument
  rememberUnbuildable: RememberUnbuildable
  spool: Spool
  memory: MemoryBudget
  quarantine: Quarantine
  metrics: DocumentMetrics
  log: Logger
}

/**
 * Merges the tails of boards into their snapshots, one board at a time. Boards are marked in the
 * transaction that made their tail long; what a crash leaves at any point is due again when its
 * lease ends, here or at another instance.
 */
export class Compactor {
  readonly #deps: CompactorDeps
  readonly #outage: OutageLog
  readonly #timer: NodeJS.Timeout
  readonly #underWay = new Map<string, Promise<CompactionOutcome>>()
  #running: Promise<void> | undefined
  #isWanted = false
  #isStopped = false

  constructor(deps: CompactorDeps) {
    this.#deps = deps
    this.#outage = new OutageLog({
      log: deps.log,
      failed: 'boards to compact cannot be read',
      recovered: 'boards to compact are read again',
    })
    this.#timer = setInterval(() => this.wake(), SWEEP_INTERVAL_MS)
  }

  /** Something may be due: check now rather than at the next sweep. */
  wake(): void {
    if (this.#isStopped) return
    this.#isWanted = true
    this.#running ??= this.#run()
  }

  /**
   * Compacts a board, due or not, with all that is stored now; concurrent calls share the work.
   * @param person who needs it, and takes a turn of the workers for it
   * @throws what kept it from being done; it is tried again later
   */
  async compact(boardId: string, person = BACKGROUND): Promise<CompactionOutcome> {
    const compactOnce = () =>
      this.#share(boardId, async () => {
        if (!(await claim(this.#deps.db, boardId))) return 'elsewhere'
        return this.#compactClaimed(boardId, person)
      })
    const underWay = this.#underWay.get(boardId)
    if (!underWay) return compactOnce()
    // It may have read the board earlier.
    const [asked, outcome] = await Promise.all([findHead(this.#deps.db, boardId), underWay])
    if (!asked || outcome !== 'compacted') return outcome
    const head = await findHead(this.#deps.db, boardId)
    return head && head.snapshotSeq < asked.seq ? compactOnce() : outcome
  }

  /** Resolves once the current board is done or has failed. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#isWanted = false
    clearInterval(this.#timer)
    await this.#running
    await Promise.allSettled(this.#underWay.values())
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false
      try {
        const boardId = await claimDue(this.#deps.db)
        this.#outage.recover()
        if (boardId === undefined) continue
        this.#isWanted = !this.#isStopped
        await this.#afterOthers(boardId, () => this.#compactClaimed(boardId, BACKGROUND)).catch(
          (error: unknown) => {
            this.#deps.log.warn({ err: error, boardId }, 'a board could not be compacted')
          },
        )
      } catch (error) {
        this.#outage.fail(error)
      }
    }
    // In the same turn as the last check of #isWanted, or a wake in between would be lost.
    this.#running = undefined
  }

  /** A board whose merge has given up its claim, and is not quite over, may be due again and claimed. */
  async #afterOthers(
    boardId: string,
    work: () => Promise<CompactionOutcome>,
  ): Promise<CompactionOutcome> {
    for (;;) {
      const underWay = this.#underWay.get(boardId)
      if (!underWay) return this.#share(boardId, work)
      await underWay.catch(() => undefined)
    }
  }

  #share(boardId: string, work: () => Promise<CompactionOutcome>): Promise<CompactionOutcome> {
    const known = this.#underWay.get(boardId)
    if (known) return known
    const done = work().finally(() => this.#underWay.delete(boardId))
    this.#underWay.set(boardId, done)
    return done
  }

  async #compactClaimed(boardId: string, person: string): Promise<CompactionOutcome> {
    const { metrics, db } = this.#deps
    const endTimer = metrics.compactionDuration.startTimer()
    try {
      const outcome = await this.#merge(boardId, person)
      metrics.compactions.inc({ outcome })
      return outcome
    } catch (error) {
      metrics.compactions.inc({ outcome: 'failed' })
      // Where this fails too, the lease does the same.
      await postpone(db, boardId).catch(() => undefined)
      throw error
    } finally {
      endTimer()
    }
  }

  async #merge(boardId: string, person: string): Promise<CompactionOutcome> {
    const { db, openDocument, quarantine, spool, memory, metrics, log } = this.#deps
    const known = await findHead(db, boardId)
    const isMergeable = known && !known.damagedAt && !known.buildFailure
    if (!isMergeable || known.seq === known.snapshotSeq) {
      await release(db, boardId, false)
      return 'nothing'
    }
    const owner = { person }
    const { head, bad, encoded, spooled } = await openDocument(
      boardId,
      owner,
      async ({ operations, head, bad }) => {
        const encoded = await operations.encode('present').catch(async (error: unknown) => {
          if (error instanceof UnbuildableError) {
            await this.#deps.rememberUnbuildable(boardId, head, error.failure)
          }
          throw error
        })
        return { head, bad, encoded, spooled: await spool.write(readResult(operations), owner) }
      },
    )
    const { snapshotSeq: from, seq: to } = head
    const isNew = encoded.applied > (head.snapshotBytes === null ? 0 : 1) || bad.length > 0
    if (!isNew) {
      await spooled.close()
      await db.transaction().execute((tx) => leaveAsItIs(tx, boardId))
      return 'nothing'
    }
    const moved = await withBytes(memory, [spooled], (state) =>
      db
        .transaction()
        .execute((tx) => replaceSnapshot(tx, { boardId, from, to, state, encoded, bad })),
    ).catch((error: unknown) => {
      if (error instanceof LostRaceError) return undefined
      throw error
    })
    if (!moved) return 'elsewhere'
    quarantine.announce(
      boardId,
      bad.filter(({ seq }) => moved.includes(seq)),
    )
    const before = (head.snapshotBytes ?? 0) + head.tailBytes
    metrics.compactionBytes.inc({ side: 'before' }, before)
    metrics.compactionBytes.inc({ side: 'after' }, spooled.bytes)
    log.debug({ boardId, updates: to - from, before, after: spooled.bytes }, 'compacted')
    return 'compacted'
  }
}
