import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import type { Actor } from '../changes/actor.ts'
import { withBytes } from '../documents/spool/with-bytes.ts'
import { readVersionState, StoredMovedError } from '../documents/stored/pages.ts'
import type { JobOwner } from '../documents/worker/document-workers.ts'
import { readResult } from '../documents/worker/pieces.ts'
import type { DownloadSource } from '../http/download.ts'
import { notFound } from '../http/errors.ts'
import { cleanName } from '../http/names.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { presentVersion } from './present-version.ts'
import type { VersionState } from './replace-document.ts'
import * as repository from './repository.ts'
import { createRestore } from './restore.ts'
import type { RestoredVersion, Version } from './schemas.ts'

/** Versions of a board that people made, bytes together; their number is a quota. */
const MAX_NAMED_BYTES = 256 * 1024 * 1024

/** Versions of boards: the whole of one at a moment. */
export interface VersionService {
  list(userId: string, boardId: string, page: PageQuery): Promise<Page<Version>>
  /**
   * Keeps the present document.
   * @throws ApiError 409 for a board with too many versions, or a workspace with too much stored
   */
  create(actor: Actor, owner: JobOwner, boardId: string, input: { name: string }): Promise<Version>
  /** The version as one Yjs update. */
  download(userId: string, boardId: string, versionId: string): Promise<DownloadSource>
  delete(actor: Actor, version: { boardId: string; versionId: string }): Promise<void>
  /**
   * Turns the board's content into that of the version, by one edit of the actor on top of all
   * others. What was there before is kept as an automatic version.
   */
  restore(
    actor: Actor,
    owner: JobOwner,
    version: { boardId: string; versionId: string },
  ): Promise<RestoredVersion>
}

/** Versions as rows of Postgres, computed in workers. */
export function createVersionService(
  deps: Pick<Infrastructure, 'db' | 'transact' | 'documents' | 'quotas'>,
): VersionService {
  const { db, transact, quotas, documents } = deps
  const { spool, memory, openDocument } = documents
  const restore = createRestore(deps)
  const findState = async (boardId: string, versionId: string): Promise<VersionState> => {
    const version = await repository.findVersion(db, boardId, versionId)
    if (!version) throw notFound('version')
    const { bytes } = version
    async function* chunks() {
      try {
        yield* readVersionState(db, versionId, bytes)
      } catch (error) {
        // It was deleted meanwhile.
        throw error instanceof StoredMovedError ? notFound('version') : error
      }
    }
    return { bytes, chunks }
  }

  return {
    list: (userId, boardId, query) =>
      listPage(query, {
        ...NEWEST_FIRST,
        async read(page) {
          await requireBoard(db, userId, boardId, 'readHistory')
          return repository.listVersions(db, boardId, page)
        },
        present: presentVersion,
      }),

    async create(actor, owner, boardId, input) {
      await requireBoard(db, actor.userId, boardId, 'createVersion')
      const { spooled, seq, digests } = await openDocument(
        boardId,
        owner,
        async ({ operations, head }) => {
          const digests = await operations.digests('present')
          await operations.encode('present')
          const spooled = await spool.write(readResult(operations), owner)
          return { spooled, seq: head.seq, digests }
        },
      )
      return withBytes(memory, [spooled], (state) =>
        transact(actor, async (tx, record) => {
          const board = await requireLockedBoard(tx, actor.userId, boardId, 'createVersion')
          const { count, bytes } = await repository.sumVersions(tx, boardId, 'named')
          quotas.check({
            quota: 'versions',
            scope: 'board',
            used: count + 1,
            limit: quotas.limits.versionsPerBoard,
          })
          quotas.check({
            quota: 'versionBytes',
            scope: 'board',
            used: bytes + state.length,
            limit: MAX_NAMED_BYTES,
          })
          const name = cleanName(input.name)
          const row = await repository.insertVersion(tx, {
            boardId,
            name,
            kind: 'named',
            seq,
            state,
            digests,
            createdBy: actor.userId,
          })
          await record({
            type: 'version.created',
            workspaceId: board.workspace_id,
            boardId,
            target: { type: 'version', id: row.id },
            changes: { name, seq },
          })
          await quotas.checkStorage(tx, board.workspace_id)
          return presentVersion(row)
        }),
      )
    },

    async download(userId, boardId, versionId) {
      await requireBoard(db, userId, boardId, 'readHistory')
      return { ...(await findState(boardId, versionId)), close: async () => undefined }
    },

    delete(actor, { boardId, versionId }) {
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'deleteVersion')
        const version = await repository.findVersion(tx, boardId, versionId)
        if (!version) throw notFound('version')
        await repository.deleteVersion(tx, boardId, versionId)
        await record({
          type: 'version.deleted',
          workspaceId: board.workspace_id,
          boardId,
          target: { type: 'version', id: versionId },
          changes: { name: version.name, seq: version.seq },
        })
      })
    },

    async restore(actor, owner, { boardId, versionId }) {
      await requireBoard(db, actor.userId, boardId, 'restoreVersion')
      const state = await findState(boardId, versionId)
      return restore(actor, owner, { boardId, versionId, state })
    },
  }
}
