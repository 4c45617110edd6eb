import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import { appendForward } from '../content/append-forward.ts'
import type { Database } from '../db/database.ts'
import { readVersionState } from '../documents/stored/pages.ts'
import { findHead } from '../documents/stored/repository.ts'
import { packUpdates, SNAPSHOT_SEQ } from '../documents/worker/packed-updates.ts'
import { notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { replaceDamaged } from './replace-damaged.ts'
import * as repository from './repository.ts'
import type { RestoredVersion, Version } from './schemas.ts'

/** Versions of a board that people made, bytes together; their number is a quota. */
const MAX_NAMED_BYTES = 256 * 1024 * 1024

/** Versions kept of those made before a restore; the oldest go. */
const AUTOMATIC_VERSIONS = { count: 20, bytes: 128 * 1024 * 1024 }

/** Versions of boards: the whole of one at a moment. */
export interface VersionService {
  list(userId: string, boardId: string, page: PageQuery): Promise<Page<Version>>
  /**
   * Keeps the present document.
   * @throws ApiError 409 for a board with too many versions, or a workspace with too much stored
   */
  create(actor: Actor, boardId: string, input: { name: string }): Promise<Version>
  /** The version as one Yjs update. */
  download(userId: string, boardId: string, versionId: string): Promise<Uint8Array>
  delete(actor: Actor, version: { boardId: string; versionId: string }): Promise<void>
  /**
   * Turns the board's content into that of the version, by one edit of the actor on top of all
   * others. What was there before is kept as an automatic version.
   */
  restore(actor: Actor, version: { boardId: string; versionId: string }): Promise<RestoredVersion>
}

/** Versions as rows of Postgres, computed in the worker. */
export function createVersionService({
  db,
  transact,
  quotas,
  documents: { worker, openDocument },
}: Pick<Infrastructure, 'db' | 'transact' | 'documents' | 'quotas'>): VersionService {
  const findState = async (boardId: string, versionId: string): Promise<Uint8Array> => {
    const version = await repository.findVersion(db, boardId, versionId)
    const state = version && (await readVersionState(db, versionId, version.bytes))
    if (!state) throw notFound('version')
    return state
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

    async create(actor, boardId, input) {
      await requireBoard(db, actor.userId, boardId, 'createVersion')
      const { state, seq } = await openDocument(boardId, async ({ operations, head }) => ({
        state: (await operations.encode('present')).state,
        seq: head.seq,
      }))
      return transact(actor, async (tx, record) => {
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
        const name = input.name.trim()
        const row = await repository.insertVersion(tx, {
          boardId,
          name,
          kind: 'named',
          seq,
          state,
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
      })
    },

    async download(userId, boardId, versionId) {
      await requireBoard(db, userId, boardId, 'readHistory')
      return findState(boardId, versionId)
    },

    delete(actor, { boardId, versionId }) {
      return transact(actor, async (tx, record) => {
        const board = await requireLockedBoard(tx, actor.userId, boardId, 'deleteVersion')
        const version = await repository.findVersion(tx, boardId, versionId)
        if (!version) throw notFound('version')
        await repository.deleteVersion(tx, versionId)
        await record({
          type: 'version.deleted',
          workspaceId: board.workspace_id,
          boardId,
          target: { type: 'version', id: versionId },
          changes: { name: version.name, seq: version.seq },
        })
      })
    },

    async restore(actor, { boardId, versionId }) {
      const { userId } = actor
      const { workspace_id } = await requireBoard(db, userId, boardId, 'restoreVersion')
      const version = await findState(boardId, versionId)
      const begin = async (tx: Database) => {
        const board = await requireLockedBoard(tx, userId, boardId, 'restoreVersion')
        return (record: RecordChange, seq: number) =>
          record({
            type: 'board.document_changed',
            workspaceId: board.workspace_id,
            boardId,
            target: { type: 'board', id: boardId },
            changes: { restoredVersionId: versionId, seq },
          })
      }

      const head = await findHead(db, boardId)
      if (head?.damagedAt) {
        const replacement = await replaceDamaged({ db, worker }, { boardId, head, version })
        return transact(actor, async (tx, record) => {
          const recordRestore = await begin(tx)
          await replacement.apply(tx)
          await recordRestore(record, head.seq)
          return { seq: head.seq, changed: true, before: null }
        })
      }

      const present = await openDocument(boardId, async ({ operations, head: { seq } }) => {
        const { state } = await operations.encode('present')
        await operations.add('version', packUpdates([{ seq: SNAPSHOT_SEQ, update: version }]))
        return { seq, state, update: await operations.forward() }
      })
      return transact(actor, async (tx, record) => {
        const recordRestore = await begin(tx)
        const change = await appendForward(tx, { boardId, userId, update: present.update })
        if (!change.changed) return { ...change, before: null }
        const before = await repository.insertVersion(tx, {
          boardId,
          name: null,
          kind: 'automatic',
          seq: present.seq,
          state: present.state,
          createdBy: userId,
        })
        await repository.pruneAutomaticVersions(tx, boardId, AUTOMATIC_VERSIONS)
        await recordRestore(record, change.seq)
        await quotas.checkStorage(tx, workspace_id)
        return { ...change, before: presentVersion(before) }
      })
    },
  }
}

function presentVersion(row: repository.VersionRow): Version {
  return {
    id: row.id,
    boardId: row.board_id,
    name: row.name,
    kind: row.kind,
    seq: row.seq,
    bytes: row.bytes,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  }
}
