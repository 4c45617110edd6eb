import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import { touchBoards } from '../boards/repository.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import { appendForward, makeRoomFor } from '../content/append-forward.ts'
import type { Database } from '../db/database.ts'
import { withBytes } from '../documents/spool/with-bytes.ts'
import { findHead } from '../documents/stored/repository.ts'
import type { JobOwner } from '../documents/worker/document-workers.ts'
import { UnbuildableError } from '../documents/worker/errors.ts'
import { SNAPSHOT_SEQ } from '../documents/worker/packed-updates.ts'
import { readResult, stageAll } from '../documents/worker/pieces.ts'
import { notFound } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { presentVersion } from './present-version.ts'
import {
  type RebuiltDocument,
  rebuild,
  replaceSnapshotOnly,
  replaceWhole,
  type VersionState,
} from './replace-document.ts'
import * as repository from './repository.ts'
import type { RestoredVersion } from './schemas.ts'

/** Versions kept of those made before a restore; the oldest go. */
const AUTOMATIC_VERSIONS = { count: 20, bytes: 128 * 1024 * 1024 }

/** Turns a board's content into that of a version. */
export type Restore = (
  actor: Actor,
  owner: JobOwner,
  version: { boardId: string; versionId: string; state: VersionState },
) => Promise<RestoredVersion>

/**
 * Restores by an edit on top of all others where the document can be built, and otherwise by putting
 * the version in its place.
 */
export function createRestore({
  db,
  transact,
  quotas,
  documents,
}: Pick<Infrastructure, 'db' | 'transact' | 'documents' | 'quotas'>): Restore {
  const { spool, memory, openDocument } = documents

  return async (actor, owner, { boardId, versionId, state: version }) => {
    const { userId } = actor
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

    const replaceBy = (
      rebuilt: RebuiltDocument,
      replace: (tx: Database, state: Uint8Array) => Promise<number>,
    ): Promise<RestoredVersion> =>
      withBytes(memory, [rebuilt.spooled], (state) =>
        transact(actor, async (tx, record) => {
          const recordRestore = await begin(tx)
          const seq = await replace(tx, state)
          await touchBoards(tx, [boardId])
          await recordRestore(record, seq)
          return { seq, changed: true, before: null }
        }),
      )

    const replaceDocument = async (): Promise<RestoredVersion> => {
      const document = { boardId, version, after: 0, upTo: 0 }
      const rebuilt = await rebuild({ db, ...documents }, owner, document)
      const { encoded } = rebuilt
      return replaceBy(rebuilt, (tx, state) => replaceWhole(tx, { boardId, state, encoded }))
    }

    const replaceDamaged = async (): Promise<RestoredVersion> => {
      const head = await findHead(db, boardId)
      if (!head) throw notFound('board')
      const document = { boardId, version, after: head.snapshotSeq, upTo: head.seq }
      const rebuilt = await rebuild({ db, ...documents }, owner, document)
      return replaceBy(rebuilt, (tx, state) =>
        replaceSnapshotOnly(tx, { ...rebuilt, boardId, head, state }),
      )
    }

    const edit = async (): Promise<RestoredVersion> => {
      const present = await openDocument(boardId, owner, async ({ operations, head, bad }) => {
        // No edit takes away what makes Yjs throw: gateways, which build nothing, would still send it.
        if (bad.some(({ isPoison }) => isPoison)) throw new UnbuildableError('broken')
        const digests = await operations.digests('present')
        await operations.encode('present')
        const before = await spool.write(readResult(operations), owner)
        try {
          await stageAll(operations, version.chunks())
          await operations.addStaged('version', SNAPSHOT_SEQ)
          const isChange = await operations.forward()
          const update = isChange ? await spool.write(readResult(operations), owner) : null
          return { seq: head.seq, before, digests, update }
        } catch (error) {
          await before.close()
          throw error
        }
      })
      const { before, digests, update, seq } = present
      if (!update) {
        await before.close()
        return transact(actor, async (tx) => {
          await begin(tx)
          return { ...(await appendForward(tx, { boardId, userId, update })), before: null }
        })
      }
      await makeRoomFor({ boardId, bytes: update.bytes }, owner.person, { db, ...documents })
      return withBytes(memory, [before, update], (state, update) =>
        transact(actor, async (tx, record) => {
          const recordRestore = await begin(tx)
          const change = await appendForward(tx, { boardId, userId, update })
          const version = await repository.insertVersion(tx, {
            boardId,
            name: null,
            kind: 'automatic',
            seq,
            state,
            digests,
            createdBy: userId,
          })
          await repository.pruneAutomaticVersions(tx, boardId, AUTOMATIC_VERSIONS)
          await recordRestore(record, change.seq)
          await quotas.checkStorage(tx, workspace_id)
          return { ...change, before: presentVersion(version) }
        }),
      )
    }

    const { workspace_id } = await requireBoard(db, userId, boardId, 'restoreVersion')
    const head = await findHead(db, boardId)
    try {
      return await (head?.damagedAt ? replaceDamaged() : edit())
    } catch (error) {
      if (!(error instanceof UnbuildableError)) throw error
      return replaceDocument()
    }
  }
}
