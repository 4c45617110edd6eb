import type { Database } from '../../db/database.ts'
import { ApiError, notFound } from '../../http/errors.ts'
import type { BadUpdate } from '../worker/document-builder.ts'
import type { DocumentWorkers, JobOwner } from '../worker/document-workers.ts'
import { DocumentsBusyError, UnbuildableError } from '../worker/errors.ts'
import { SNAPSHOT_SEQ } from '../worker/packed-updates.ts'
import { stageAll } from '../worker/pieces.ts'
import type { RemoteOperations } from '../worker/worker-process.ts'
import { readSnapshot, readUpdates, StoredMovedError } from './pages.ts'
import { type DocumentHead, findHead } from './repository.ts'
import { type RememberUnbuildable, refuseUnbuildable } from './unbuildable.ts'

/** How often a document is read anew that was compacted while it was read. */
const MAX_READS = 3

/** A stored document in the worker, in the slot `present`. */
export interface OpenedDocument {
  operations: RemoteOperations
  /** What was stored when it was read; `head.seq` is the newest update that it holds. */
  head: DocumentHead
  /** Updates that it lacks because they cannot be applied. Pending ones are not among them. */
  bad: BadUpdate[]
}

/** @throws ApiError 503 for a document that cannot be read */
export function refuseDamaged(head: DocumentHead): void {
  if (!head.damagedAt) return
  throw new ApiError(503, 'document_damaged', 'The document of this board cannot be read')
}

/** Opens stored documents in a worker. */
export type OpenDocument = <Result>(
  boardId: string,
  owner: JobOwner,
  job: (document: OpenedDocument) => Promise<Result>,
) => Promise<Result>

/**
 * Opens documents page by page, without holding a connection while the worker computes. If a
 * compaction happens in between, the document is read again. One that cannot be built is remembered,
 * and refused from then on without trying.
 *
 * @throws ApiError 404 without such a board, 503 for a damaged one or if the workers are overloaded,
 * 413 or 422 for a document that cannot be built
 */
export function createOpenDocument(deps: {
  db: Database
  workers: DocumentWorkers
  quarantine: {
    condemnSnapshot(boardId: string, snapshotSeq: number, reason: string): Promise<void>
  }
  rememberUnbuildable: RememberUnbuildable
}): OpenDocument {
  const { db, workers, quarantine, rememberUnbuildable } = deps

  return async (boardId, owner, job) => {
    for (let reads = 1; ; reads++) {
      /** Of the document, until it is built: what fails after that is of the job. */
      let building: DocumentHead | undefined
      try {
        return await workers.run(async (operations) => {
          const head = await findHead(db, boardId)
          if (!head) throw notFound('board')
          refuseDamaged(head)
          refuseUnbuildable(head)
          building = head
          const bad = await readInto(db, operations, boardId, head)
          building = undefined
          const badSnapshot = bad.find(({ seq }) => seq === SNAPSHOT_SEQ)
          if (badSnapshot) {
            await quarantine.condemnSnapshot(boardId, head.snapshotSeq, badSnapshot.reason)
            refuseDamaged({ ...head, damagedAt: new Date() })
          }
          return job({ operations, head, bad })
        }, owner)
      } catch (error) {
        if (error instanceof UnbuildableError && building) {
          await rememberUnbuildable(boardId, building, error.failure)
        }
        if (!(error instanceof StoredMovedError)) throw error
        if (reads >= MAX_READS) throw new DocumentMovedError()
      }
    }
  }
}

/** The document was compacted each time that it was read. */
class DocumentMovedError extends DocumentsBusyError {
  constructor() {
    super('The document is being merged; try again later')
  }
}

async function readInto(
  db: Database,
  operations: RemoteOperations,
  boardId: string,
  head: DocumentHead,
): Promise<BadUpdate[]> {
  const bad: BadUpdate[] = []
  const { snapshotSeq, snapshotBytes, seq } = head
  if (snapshotBytes !== null) {
    await stageAll(operations, readSnapshot(db, boardId, { snapshotSeq, snapshotBytes }))
    bad.push(...(await operations.addStaged('present', SNAPSHOT_SEQ)))
  }
  // The next page is read while the worker has this one.
  let added: Promise<BadUpdate[]> = Promise.resolve([])
  for await (const page of readUpdates(db, boardId, { after: snapshotSeq, upTo: seq })) {
    bad.push(...(await added))
    added = operations.add('present', page)
    // Looked at with the next page, or never where that cannot be read.
    added.catch(() => undefined)
  }
  bad.push(...(await added))
  // Rows go with the snapshot that takes their place: while that is the same, none were missing.
  const now = await findHead(db, boardId)
  if (now?.snapshotSeq !== snapshotSeq) throw new StoredMovedError()
  return bad
}
