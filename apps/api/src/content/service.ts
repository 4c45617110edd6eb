import { MAX_BOARD_BYTES } from '@mindfuse/protocol'
import type { BoardAssetService } from '../board-assets/service.ts'
import { requireBoard, requireLockedBoard } from '../boards/access.ts'
import type { Actor } from '../changes/actor.ts'
import { countQuarantined } from '../documents/quarantine/repository.ts'
import type { Spooled } from '../documents/spool/spool.ts'
import { withBytes } from '../documents/spool/with-bytes.ts'
import { findHead } from '../documents/stored/repository.ts'
import type { JobOwner } from '../documents/worker/document-workers.ts'
import type { ImportVerdict } from '../documents/worker/import-update.ts'
import { readResult, stageAll } from '../documents/worker/pieces.ts'
import type { DownloadSource } from '../http/download.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { MAX_ASSETS_PER_BOARD } from '../quota-limits.ts'
import { countVersions, readBoardAssets } from '../quotas/usage.ts'
import { appendForward, makeRoomFor } from './append-forward.ts'
import { bringAssets } from './bring-assets.ts'
import { sceneDownload } from './scene-download.ts'
import { addFiles, freeFiles, takeFiles } from './scene-files.ts'
import type { DocumentChange, DocumentDetails, ExportFormat } from './schemas.ts'

/** A board's document as people see it and take it in and out. */
export interface ContentService {
  details(userId: string, boardId: string): Promise<DocumentDetails>
  /** The document as one Yjs update (v1), its shared types as UTF-8 JSON, or the scene with its files. */
  export(owner: JobOwner, boardId: string, format: ExportFormat): Promise<DownloadSource>
  /**
   * Merges a Yjs update into the document, as one edit of the actor.
   * @throws ApiError 422 for bytes that are no update, or not one that stands alone, or too complex; 413
   * where the board would be full
   */
  import(actor: Actor, owner: JobOwner, boardId: string, update: Spooled): Promise<DocumentChange>
  /**
   * Writes a `.excalidraw` file into the document, as one edit of the actor, and keeps its files.
   * @throws ApiError as {@link import}, 409 past a quota
   */
  importScene(
    actor: Actor,
    owner: JobOwner,
    boardId: string,
    file: Spooled,
  ): Promise<DocumentChange>
}

/** Documents, opened in a worker. */
export function createContentService({
  db,
  transact,
  quotas,
  documents,
  files: boardAssets,
}: Pick<Infrastructure, 'db' | 'transact' | 'documents' | 'quotas'> & {
  files: BoardAssetService
}): ContentService {
  const { openDocument, spool, memory } = documents

  /** Stores what an import brings; null where that is nothing. */
  const append = (
    { actor, boardId, digests }: { actor: Actor; boardId: string; digests: readonly string[] },
    update: Uint8Array | null,
  ) =>
    transact(actor, async (tx, record) => {
      const board = await requireLockedBoard(tx, actor.userId, boardId, 'import')
      const change = await appendForward(tx, { boardId, userId: actor.userId, update })
      const place = { id: boardId, workspaceId: board.workspace_id }
      const files = await bringAssets(tx, place, actor.userId, digests)
      if (files > 0) await quotas.checkAssets(tx, place)
      if (change.changed || files > 0) {
        await record({
          type: 'board.document_changed',
          workspaceId: board.workspace_id,
          boardId,
          target: { type: 'board', id: boardId },
          changes: {
            importedBytes: update?.length ?? 0,
            seq: change.seq,
            ...(files > 0 && { files }),
          },
        })
        await quotas.checkStorage(tx, board.workspace_id)
      }
      return change
    })

  const store = async (
    imported: { actor: Actor; boardId: string; digests: readonly string[] },
    { update, person }: { update: Spooled | null; person: string },
  ): Promise<DocumentChange> => {
    if (!update) return append(imported, null)
    const { boardId } = imported
    await makeRoomFor({ boardId, bytes: update.bytes }, person, { db, ...documents })
    return withBytes(memory, [update], (bytes) => append(imported, bytes))
  }

  return {
    async details(userId, boardId) {
      await requireBoard(db, userId, boardId, 'read')
      const head = await findHead(db, boardId)
      if (!head) throw notFound('board')
      const assets = await readBoardAssets(db, boardId)
      return {
        seq: head.seq,
        bytes: (head.snapshotBytes ?? 0) + head.tailBytes,
        maxBytes: MAX_BOARD_BYTES,
        versions: {
          used: await countVersions(db, boardId),
          limit: quotas.limits.versionsPerBoard || null,
        },
        assets: {
          used: assets.count,
          limit: MAX_ASSETS_PER_BOARD,
          bytes: assets.bytes,
          maxBytes: quotas.limits.assetBytesPerBoard || null,
          maxBytesPerFile: quotas.limits.assetBytesPerFile,
        },
        updates: head.seq - head.snapshotSeq,
        tombstoneShare: head.tombstoneShare,
        compactedAt: head.compactedAt?.toISOString() ?? null,
        quarantined: await countQuarantined(db, boardId),
        isDamaged: head.damagedAt !== null,
        buildFailure: head.buildFailure,
      }
    },

    async export(owner, boardId, format) {
      await requireBoard(db, owner.person, boardId, 'read')
      return openDocument(boardId, owner, async ({ operations }) => {
        if (format === 'excalidraw') {
          const named = await operations.scene('present')
          const scene = await spool.write(readResult(operations), owner)
          return sceneDownload(scene, named, { files: boardAssets, boardId, userId: owner.person })
        }
        if (format === 'json') await operations.json('present')
        else await operations.encode('present')
        return spool.write(readResult(operations), owner)
      })
    },

    async import(actor, owner, boardId, received) {
      await requireBoard(db, actor.userId, boardId, 'import')
      const { update, digests } = await openDocument(boardId, owner, async ({ operations }) => {
        await stageAll(operations, received.chunks())
        const verdict = await operations.import()
        if (verdict.kind !== 'good') throw refusal(verdict)
        const digests = await operations.digests('present')
        const update = verdict.isNew ? await spool.write(readResult(operations), owner) : null
        return { update, digests: digests ?? [] }
      })
      return store({ actor, boardId, digests }, { update, person: owner.person })
    },

    async importScene(actor, owner, boardId, received) {
      await requireBoard(db, actor.userId, boardId, 'import')
      const scene = await openDocument(boardId, owner, async ({ operations }) => {
        await stageAll(operations, received.chunks())
        const verdict = await operations.importScene()
        if (verdict.kind !== 'good') throw refusal(verdict, SCENE_REFUSALS)
        const digests = await operations.digests('present')
        const update = verdict.isNew ? await spool.write(readResult(operations), owner) : null
        const files = await takeFiles(operations, verdict.files, { spool, owner })
        const leftOut = verdict.files.length - files.length
        return { update, files, digests: digests ?? [], skipped: verdict.skipped + leftOut }
      })
      try {
        const { update, files, digests } = scene
        const notTaken = await addFiles(boardAssets, actor, { boardId, files })
        const change = await store({ actor, boardId, digests }, { update, person: owner.person })
        return { ...change, skipped: scene.skipped + notTaken }
      } finally {
        await freeFiles(scene.files)
        await scene.update?.close()
      }
    },
  }
}

const REFUSALS = {
  bad: 'malformed_update',
  unsupported: 'unsupported_content',
  too_complex: 'update_too_complex',
} as const

const SCENE_REFUSALS = { ...REFUSALS, bad: 'malformed_scene' } as const

function refusal(
  { kind, reason }: Exclude<ImportVerdict, { kind: 'good' }>,
  codes: Record<keyof typeof REFUSALS, string> = REFUSALS,
): ApiError {
  if (kind === 'full') return new ApiError(413, 'board_full', `The board would be full: ${reason}`)
  return new ApiError(422, codes[kind], `This cannot be imported: ${reason}`)
}
