import type { Logger } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { type BuildFailure, UnbuildableError } from '../worker/errors.ts'
import type { DocumentMetrics } from './metrics.ts'
import type { DocumentHead } from './repository.ts'

/** @throws UnbuildableError for a document that is known not to build */
export function refuseUnbuildable({ buildFailure }: DocumentHead): void {
  if (buildFailure) throw new UnbuildableError(buildFailure)
}

/** Remembers that a document cannot be built. */
export type RememberUnbuildable = (
  boardId: string,
  head: DocumentHead,
  failure: BuildFailure,
) => Promise<void>

/**
 * Remembers failures with the document, and takes it out of the queue of merges: trying again what
 * cannot change would occupy a worker for ever.
 */
export function createRememberUnbuildable(deps: {
  db: Database
  metrics: DocumentMetrics
  log: Logger
}): RememberUnbuildable {
  const { db, metrics, log } = deps
  return async (boardId, { seq, snapshotSeq }, failure) => {
    const { rows } = await sql`
      WITH failed AS (
        UPDATE board_documents
        SET build_failure = ${failure}, build_failed_seq = ${seq}, build_failed_at = now()
        -- With another snapshot it is another document.
        WHERE board_id = ${boardId} AND snapshot_seq = ${snapshotSeq} AND build_failure IS NULL
        RETURNING board_id
      ), dequeued AS (
        DELETE FROM compaction_queue q USING failed WHERE q.board_id = failed.board_id
      )
      SELECT board_id FROM failed`.execute(db)
    if (rows.length === 0) return
    metrics.buildFailures.inc({ reason: failure })
    log.error(
      { boardId, seq, reason: failure },
      'a document cannot be built, and is not tried again',
    )
  }
}
