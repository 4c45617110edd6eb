import type { QuarantineReply, QuarantineRequest } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { Database } from '../../db/database.ts'
import { notFound } from '../../http/errors.ts'
import type { DocumentMetrics } from '../stored/metrics.ts'
import { readSnapshot, readUpdates, StoredMovedError } from '../stored/pages.ts'
import { findHead } from '../stored/repository.ts'
import type { BadUpdate } from '../worker/document-builder.ts'
import { BACKGROUND, type DocumentWorkers } from '../worker/document-workers.ts'
import type { PackedUpdates } from '../worker/packed-updates.ts'
import { stageAll } from '../worker/pieces.ts'
import * as repository from './repository.ts'

/** Puts away what cannot be applied, so that the rest can. */
export interface Quarantine {
  /**
   * Looks at what a gateway could not read, and moves what cannot be read here either.
   * @throws ApiError 404 without such a board
   */
  report(boardId: string, report: QuarantineRequest): Promise<QuarantineReply>
  /** Marks a snapshot as unreadable; the board does not load from then on. */
  condemnSnapshot(boardId: string, snapshotSeq: number, reason: string): Promise<void>
  /** Logs and counts updates that were moved. */
  announce(boardId: string, moved: readonly BadUpdate[]): void
}

/** Quarantine as rows of `quarantined_updates`. */
export function createQuarantine(deps: {
  db: Database
  workers: DocumentWorkers
  metrics: DocumentMetrics
  log: Logger
}): Quarantine {
  const { db, workers, metrics, log } = deps

  const announce: Quarantine['announce'] = (boardId, moved) => {
    for (const { seq, reason } of moved) {
      metrics.quarantined.inc({ kind: 'update' })
      log.error({ boardId, seq, reason }, 'an update cannot be applied: moved to quarantine')
    }
  }

  const condemnSnapshot: Quarantine['condemnSnapshot'] = async (boardId, snapshotSeq, reason) => {
    const isNew = await repository.quarantineSnapshot(db, boardId, { snapshotSeq, reason })
    if (!isNew) return
    metrics.quarantined.inc({ kind: 'snapshot' })
    log.error({ boardId, snapshotSeq, reason }, 'a snapshot cannot be read: the board is damaged')
  }

  const inspect = (updates: PackedUpdates) =>
    workers.run((operations) => operations.inspect(updates), { person: BACKGROUND })

  const inspectSnapshot = (boardId: string, head: { snapshotSeq: number; snapshotBytes: number }) =>
    workers
      .run(
        async (operations) => {
          await stageAll(operations, readSnapshot(db, boardId, head))
          return operations.inspectStaged()
        },
        { person: BACKGROUND },
      )
      .catch((error: unknown) => {
        // Another one has taken its place.
        if (error instanceof StoredMovedError) return null
        throw error
      })

  const moveBadUpdates = async (boardId: string, seqs: number[]): Promise<number[]> => {
    const bad: BadUpdate[] = []
    for (const seq of new Set(seqs)) {
      for await (const page of readUpdates(db, boardId, { after: seq - 1, upTo: seq })) {
        bad.push(...(await inspect(page)))
      }
    }
    const moved = await db.transaction().execute(async (tx) => {
      await repository.keepBoard(tx, boardId)
      return repository.quarantineUpdates(tx, boardId, bad)
    })
    announce(
      boardId,
      bad.filter(({ seq }) => moved.includes(seq)),
    )
    return moved
  }

  return {
    announce,
    condemnSnapshot,

    async report(boardId, report) {
      const head = await findHead(db, boardId)
      if (!head) throw notFound('board')
      if (report.snapshot && head.snapshotBytes !== null && !head.damagedAt) {
        const { snapshotSeq, snapshotBytes } = head
        const reason = await inspectSnapshot(boardId, { snapshotSeq, snapshotBytes })
        if (reason !== null) await condemnSnapshot(boardId, snapshotSeq, reason)
      }
      const seqs = await moveBadUpdates(boardId, report.seqs)
      const now = await findHead(db, boardId)
      return { seqs, snapshot: now?.damagedAt != null }
    },
  }
}
