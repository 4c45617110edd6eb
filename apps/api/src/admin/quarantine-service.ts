import { MAX_BOARD_BYTES } from '@mindfuse/protocol'
import { type Actor, NOBODY } from '../changes/actor.ts'
import { keepBoard } from '../documents/quarantine/repository.ts'
import { appendUpdates, findHead } from '../documents/stored/repository.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { listPage, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import type { Administer } from './acts.ts'
import { findWorkspaceOf } from './boards-repository.ts'
import * as repository from './quarantine-repository.ts'
import type { QuarantinedBoard, Requeued } from './schemas.ts'

/** What cannot be applied to boards, as administrators see it. */
export interface QuarantineService {
  /** Boards with parts in quarantine, those quarantined last first. */
  list(page: PageQuery): Promise<Page<QuarantinedBoard>>
  /**
   * Stores updates in quarantine as edits of their authors again, as once a release can read them; what
   * still cannot be applied is quarantined again. Repeat it while some are left.
   *
   * @throws ApiError 404, and 413 for a board without room
   */
  requeue(actor: Actor, act: { boardId: string; reason?: string | undefined }): Promise<Requeued>
}

/** Quarantine as rows of PostgreSQL. */
export function createQuarantineService({
  db,
  administer,
}: Pick<Infrastructure, 'db'> & { administer: Administer }): QuarantineService {
  return {
    list: (query) =>
      listPage(query, {
        sort: '-quarantinedAt',
        read: (page) => repository.listQuarantinedBoards(db, page),
        position: (row) => ({ after: row.quarantined_at.toISOString(), id: row.board_id }),
        present: (row) => ({
          boardId: row.board_id,
          boardName: row.name,
          updates: row.updates,
          snapshots: row.snapshots,
          bytes: row.bytes,
          reason: row.reason,
          quarantinedAt: row.quarantined_at.toISOString(),
        }),
      }),

    requeue(actor, { boardId, reason }) {
      const target = { type: 'board', id: boardId } as const
      return administer(actor, { action: 'board.requeue', target, reason }, async (tx, record) => {
        await keepBoard(tx, boardId)
        const head = await findHead(tx, boardId)
        const workspaceId = await findWorkspaceOf(tx, boardId)
        if (!head || !workspaceId) throw notFound('board')
        const taken = await repository.takeUpdates(tx, boardId)
        const bytes = taken.reduce((sum, { update }) => sum + update.length, 0)
        if ((head.snapshotBytes ?? 0) + head.tailBytes + bytes > MAX_BOARD_BYTES) {
          throw new ApiError(413, 'board_full', 'The board has no room for its updates')
        }
        if (taken.length > 0) {
          const updates = taken.map(({ user_id, update }) => ({
            userId: user_id ?? NOBODY,
            update,
          }))
          await appendUpdates(tx, [{ boardId, updates }])
          await record({ type: 'board.document_changed', workspaceId, boardId, target })
        }
        const left = await repository.countUpdates(tx, boardId)
        const result = { requeued: taken.length, left }
        return { result, changes: result }
      })
    },
  }
}
