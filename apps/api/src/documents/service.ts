import type {
  BoardUpdates,
  PositionsReply,
  StoredDocument,
  UpdateBatchReply,
} from '@mindfuse/protocol'
import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import * as repository from './repository.ts'

/** Stored documents, as the gateways read and append them. */
export interface DocumentService {
  /** Everything stored after `after`. @throws ApiError 404 without such a board */
  load(boardId: string, after: number): Promise<StoredDocument>
  /**
   * Appends a batch in one transaction. A board that is gone fails alone. Storing a batch again,
   * after its reply got lost, does no harm: applying a Yjs update twice changes nothing.
   */
  append(batch: BoardUpdates[]): Promise<UpdateBatchReply>
  /** How far each of these boards has come. */
  positions(boardIds: string[]): Promise<PositionsReply>
}

/** Documents as rows of Postgres. */
export function createDocumentService({ db }: { db: Database }): DocumentService {
  return {
    async load(boardId, after) {
      const document = await db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((tx) => repository.findDocument(tx, boardId, after))
      if (!document) throw notFound('board')
      return document
    },

    async positions(boardIds) {
      return { positions: await repository.findPositions(db, boardIds) }
    },

    append(batch) {
      return db.transaction().execute(async (tx) => {
        const seqsBefore = await repository.reserveSeqs(
          tx,
          batch.map(({ boardId, updates }) => ({ boardId, count: updates.length })),
        )
        await repository.insertUpdates(
          tx,
          batch.flatMap(({ boardId, updates }) => {
            const before = seqsBefore.get(boardId)
            if (before === undefined) return []
            return updates.map((update, i) => ({ ...update, boardId, seq: before + i + 1 }))
          }),
        )
        return {
          results: batch.map(({ boardId, updates }) => {
            const before = seqsBefore.get(boardId)
            return before === undefined
              ? { boardId, status: 'rejected' as const, code: 'board_gone' as const }
              : { boardId, status: 'stored' as const, seq: before + updates.length }
          }),
        }
      })
    },
  }
}
