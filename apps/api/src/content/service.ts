import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import type { Actor } from '../changes/actor.ts'
import { countQuarantined } from '../documents/quarantine/repository.ts'
import { findHead } from '../documents/stored/repository.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { appendForward } from './append-forward.ts'
import type { DocumentChange, DocumentDetails } from './schemas.ts'

/** A board's document as people see it and take it in and out. */
export interface ContentService {
  details(userId: string, boardId: string): Promise<DocumentDetails>
  /** The document as one Yjs update (v1), or its shared types as UTF-8 JSON. */
  export(userId: string, boardId: string, format: 'update' | 'json'): Promise<Uint8Array>
  /**
   * Merges a Yjs update into the document, as one edit of the actor.
   * @throws ApiError 422 for bytes that are no update, or not one that stands alone
   */
  import(actor: Actor, boardId: string, update: Uint8Array): Promise<DocumentChange>
}

/** Documents, opened in the worker. */
export function createContentService({
  db,
  transact,
  quotas,
  documents: { openDocument },
}: Pick<Infrastructure, 'db' | 'transact' | 'documents' | 'quotas'>): ContentService {
  return {
    async details(userId, boardId) {
      await requireBoard(db, userId, boardId, 'read')
      const head = await findHead(db, boardId)
      if (!head) throw notFound('board')
      return {
        seq: head.seq,
        bytes: (head.snapshotBytes ?? 0) + head.tailBytes,
        updates: head.seq - head.snapshotSeq,
        tombstoneShare: head.tombstoneShare,
        compactedAt: head.compactedAt?.toISOString() ?? null,
        quarantined: await countQuarantined(db, boardId),
        isDamaged: head.damagedAt !== null,
      }
    },

    async export(userId, boardId, format) {
      await requireBoard(db, userId, boardId, 'read')
      return openDocument(boardId, async ({ operations }) =>
        format === 'json' ? operations.json('present') : (await operations.encode('present')).state,
      )
    },

    async import(actor, boardId, bytes) {
      await requireBoard(db, actor.userId, boardId, 'import')
      const verdict = await openDocument(boardId, ({ operations }) => operations.import(bytes))
      if (verdict.kind === 'bad') {
        throw new ApiError(422, 'malformed_update', `Not an update to import: ${verdict.reason}`)
      }
      const { update } = verdict
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'import')
        const change = await appendForward(tx, { boardId, userId: actor.userId, update })
        if (change.changed) {
          await record({
            type: 'board.document_changed',
            workspaceId: board.workspace_id,
            boardId,
            target: { type: 'board', id: boardId },
            changes: { importedBytes: update?.length ?? 0, seq: change.seq },
          })
          await quotas.checkStorage(tx, board.workspace_id)
        }
        return change
      })
    },
  }
}
