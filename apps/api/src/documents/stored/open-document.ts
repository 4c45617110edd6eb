import type { Database } from '../../db/database.ts'
import { ApiError, notFound } from '../../http/errors.ts'
import type { BadUpdate } from '../worker/document-builder.ts'
import type { DocumentWorker, RemoteOperations } from '../worker/document-worker.ts'
import { packUpdates, SNAPSHOT_SEQ } from '../worker/packed-updates.ts'
import { readSnapshot, readUpdates } from './pages.ts'
import { type DocumentHead, findHead } from './repository.ts'

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

/** Opens stored documents in the worker. */
export type OpenDocument = <Result>(
  boardId: string,
  job: (document: OpenedDocument) => Promise<Result>,
) => Promise<Result>

/**
 * Opens documents page by page, without holding a connection while the worker computes. If a
 * compaction happens in between, the document is read again.
 *
 * @throws ApiError 404 without such a board, 503 for a damaged one or if the worker is overloaded,
 * 422 for a document that takes too long
 */
export function createOpenDocument(deps: {
  db: Database
  worker: DocumentWorker
  quarantine: {
    condemnSnapshot(boardId: string, snapshotSeq: number, reason: string): Promise<void>
  }
}): OpenDocument {
  const { db, worker, quarantine } = deps

  return async (boardId, job) => {
    for (let reads = 1; ; reads++) {
      try {
        return await worker.run(async (operations) => {
          const head = await findHead(db, boardId)
          if (!head) throw notFound('board')
          refuseDamaged(head)
          const bad = await readInto(db, operations, boardId, head)
          const badSnapshot = bad.find(({ seq }) => seq === SNAPSHOT_SEQ)
          if (badSnapshot) {
            await quarantine.condemnSnapshot(boardId, head.snapshotSeq, badSnapshot.reason)
            refuseDamaged({ ...head, damagedAt: new Date() })
          }
          return job({ operations, head, bad })
        })
      } catch (error) {
        if (!(error instanceof DocumentMovedError) || reads >= MAX_READS) throw error
      }
    }
  }
}

/** The document was compacted while it was read. */
class DocumentMovedError extends ApiError {
  constructor() {
    super(503, 'documents_busy', 'The document is being merged: try again in a moment')
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
    const snapshot = await readSnapshot(db, boardId, { snapshotSeq, snapshotBytes })
    if (!snapshot) throw new DocumentMovedError()
    const packed = packUpdates([{ seq: SNAPSHOT_SEQ, update: snapshot }])
    bad.push(...(await operations.add('present', packed)))
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
  if (now?.snapshotSeq !== snapshotSeq) throw new DocumentMovedError()
  return bad
}
