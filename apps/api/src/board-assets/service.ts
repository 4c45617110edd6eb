import { randomUUID } from 'node:crypto'
import type { Logger } from '@mindfuse/service-kit'
import { exactly } from '../assets/exactly.ts'
import { FileHasher } from '../assets/file-hasher.ts'
import { type CheckedFile, createReceiveFile, type UploadBody } from '../assets/receive-file.ts'
import type { AssetPlace, BoardAsset } from '../assets/repository.ts'
import * as repository from '../assets/repository.ts'
import {
  type AddressSigner,
  requireSigned,
  type Signed,
  signedQuery,
} from '../assets/signed-addresses.ts'
import {
  type AssetBytes,
  type AssetKey,
  type AssetStore,
  AssetStoreError,
  type ByteRange,
} from '../assets/store/asset-store.ts'
import { grantsOf, requireBoard, settingsOf } from '../boards/access.ts'
import { mayOnBoard } from '../boards/policy.ts'
import type { Actor } from '../changes/actor.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import type { BoardAssetMetrics } from './metrics.ts'
import type { Addresses, Asset } from './schemas.ts'

/** When to try again where the store does not answer, seconds. */
const RETRY_AFTER_SECONDS = 5

/** A file as it is sent to readers. */
export type SentAsset = BoardAsset & { digest: string }

/** Files of boards. */
export interface BoardAssetService {
  /**
   * Receives a file, and puts it on the board. One that the board has already is not received.
   * @throws ApiError see `ReceiveFile`; 409 past a quota; 503 where the store is away
   */
  add(
    actor: Actor,
    place: AssetPlace,
    upload: { body: UploadBody; sender: string },
  ): Promise<{ isNew: boolean; asset: Asset }>
  /** The file, for somebody who may read the board. @throws ApiError 404 */
  find(userId: string, place: AssetPlace): Promise<SentAsset>
  /**
   * As {@link find}, for somebody who uploads it where it is not there, and names it where it is: it stays
   * until they do. @throws ApiError 404 where the store lost it
   */
  findToName(userId: string, place: AssetPlace): Promise<SentAsset>
  /** The file, for whoever has its signed address. @throws ApiError 403 where that is invalid or over, 404 */
  findSigned(place: AssetPlace, signed: Signed): Promise<SentAsset>
  /** The bytes of a file. @throws ApiError 404 where they are lost, 503 where the store is away */
  open(asset: SentAsset, range: ByteRange | undefined): Promise<AssetBytes>
  /** Signed addresses of files. */
  addresses(userId: string, boardId: string, digests: readonly string[]): Promise<Addresses>
  /** Takes a file off the board. @throws ApiError 404 */
  remove(actor: Actor, place: AssetPlace): Promise<void>
  /** Resolves once nothing is done any more that no answer waited for. */
  close(): Promise<void>
}

/** Files as rows of PostgreSQL, their bytes in the asset store. */
export function createBoardAssetService({
  db,
  transact,
  quotas,
  log,
  store,
  signer,
  metrics,
}: Pick<Infrastructure, 'db' | 'transact' | 'quotas'> & {
  log: Logger
  store: AssetStore
  signer: AddressSigner
  metrics: BoardAssetMetrics
}): BoardAssetService {
  const inBackground = new Set<Promise<void>>()
  const hasher = new FileHasher()
  const receiveFile = createReceiveFile({
    dir: store.incoming,
    maxBytes: quotas.limits.assetBytesPerFile,
    hasher,
  })

  /** Best effort: what it leaves behind goes with what has no row. */
  const discard = (key: AssetKey) =>
    store.remove(key).catch((error: unknown) => {
      log.warn({ err: error, assetId: key.id }, 'an asset without a row stays in the store')
    })

  const addRows = (
    actor: Actor,
    { boardId, digest }: AssetPlace,
    key: AssetKey,
    file: CheckedFile,
  ) =>
    transact(actor, async (tx, record) => {
      const board = await requireBoard(tx, actor.userId, boardId, 'edit')
      const { workspace_id: workspaceId } = board
      const there = await repository.keepAsset(tx, { boardId, digest })
      if (there) return { isNew: false, stored: there }
      const { bytes, contentType } = file
      const stored = await repository.insertAsset(tx, { ...key, workspaceId, bytes, contentType })
      const added = { boardId, digest, assetId: stored.id, addedBy: actor.userId }
      if (!(await repository.addToBoard(tx, added))) {
        // Another upload was faster. This row may have been made for nothing, where the board moved in between.
        await repository.noteReview(tx, stored.id)
        return { isNew: false, stored }
      }
      await record({
        type: 'asset.added',
        workspaceId,
        boardId,
        target: { type: 'asset', id: stored.id },
        changes: { digest, bytes, contentType },
      })
      const known = stored.id === key.id ? 0 : bytes
      await quotas.checkAssets(tx, { id: boardId, workspaceId, known })
      return { isNew: true, stored }
    })

  const lost = ({ id }: SentAsset): ApiError => {
    metrics.lost.inc()
    log.error({ assetId: id }, 'the store has lost an asset')
    return new ApiError(404, 'asset_lost', 'The server no longer has this file; upload it again')
  }

  const isStored = async (key: AssetKey): Promise<boolean> => {
    const opened = await whileStoreAnswers(() => store.open(key, { from: 0, to: 0 }))
    opened?.stream.destroy()
    return opened !== undefined
  }

  /** Two have the same bytes: the newer ones go, unless the store has lost the others. Never rejects. */
  const keepOne = (key: AssetKey, stored: AssetKey): Promise<void> => {
    const kept = (async () => {
      if (await isStored(stored)) await discard(key)
      else await repository.replaceAsset(db, stored.id, key.id)
    })().catch((error: unknown) => {
      log.warn({ err: error, assetId: key.id }, 'bytes that are stored twice cannot be compared')
    })
    inBackground.add(kept)
    return kept.finally(() => inBackground.delete(kept))
  }

  const storeFile = async (actor: Actor, place: AssetPlace, file: CheckedFile) => {
    const { digest } = place
    // Of this upload alone, so that nothing that becomes of another can concern it.
    const key = { id: randomUUID(), digest }
    try {
      await store.put(key, file)
      const { isNew, stored } = await addRows(actor, place, key, file)
      const kept = stored.id === key.id ? undefined : keepOne(key, { id: stored.id, digest })
      // An answer that waits for it would tell by its time that another board has the file.
      if (!isNew) await kept
      return { isNew, asset: presentAsset(place, stored) }
    } catch (error) {
      // After any other error the rows may be there all the same: the commit, or its answer, was lost.
      if (error instanceof ApiError || error instanceof AssetStoreError) await discard(key)
      throw error
    }
  }

  return {
    async add(actor, place, upload) {
      await requireBoard(db, actor.userId, place.boardId, 'edit')
      const { digest } = place
      const there = await repository.keepAsset(db, place)
      if (there && (await isStored({ id: there.id, digest }))) {
        return { isNew: false, asset: presentAsset(place, there) }
      }
      return metrics.measureUpload(() =>
        whileStoreAnswers(() =>
          receiveFile({ ...upload, digest }, (file) => storeFile(actor, place, file)),
        ),
      )
    },

    async find(userId, place) {
      await requireBoard(db, userId, place.boardId, 'read')
      return found(place, await repository.findAsset(db, place))
    },

    async findToName(userId, place) {
      const board = await requireBoard(db, userId, place.boardId, 'read')
      const isEditor = mayOnBoard(grantsOf(board), 'edit', settingsOf(board))
      if (!isEditor) return found(place, await repository.findAsset(db, place))
      const asset = found(place, await repository.keepAsset(db, place))
      if (!(await isStored(asset))) throw lost(asset)
      return asset
    },

    async findSigned(place, signed) {
      requireSigned(signer, place, signed)
      return found(place, await repository.findLiveAsset(db, place))
    },

    async open(asset, range) {
      const opened = await whileStoreAnswers(() => store.open(asset, range))
      if (!opened) throw lost(asset)
      const bytes = range ? range.to - range.from + 1 : asset.bytes
      return { stream: exactly(bytes, opened.stream) }
    },

    async addresses(userId, boardId, digests) {
      await requireBoard(db, userId, boardId, 'read')
      const expires = signer.expiry()
      const known = await repository.findDigests(db, boardId, digests)
      return {
        urls: Object.fromEntries(
          known.map((digest) => [digest, addressOf({ boardId, digest }, signer, expires)]),
        ),
        expiresAt: new Date(expires * 1_000).toISOString(),
      }
    },

    remove: (actor, place) =>
      transact(actor, async (tx, record) => {
        const board = await requireBoard(tx, actor.userId, place.boardId, 'edit')
        const { id } = found(place, await repository.removeFromBoard(tx, place))
        await record({
          type: 'asset.removed',
          workspaceId: board.workspace_id,
          boardId: place.boardId,
          target: { type: 'asset', id },
          changes: { digest: place.digest },
        })
      }),

    async close() {
      await Promise.all(inBackground)
      await hasher.close()
    },
  }
}

function addressOf(place: AssetPlace, signer: AddressSigner, expires: number): string {
  const query = signedQuery(signer, place, expires)
  return `/api/boards/${place.boardId}/assets/${place.digest}/signed?${query}`
}

function found({ digest }: AssetPlace, asset: BoardAsset | undefined): SentAsset {
  if (!asset) throw notFound('asset')
  return { ...asset, digest }
}

function presentAsset({ digest }: AssetPlace, { bytes, contentType }: BoardAsset): Asset {
  return { digest, bytes, contentType }
}

async function whileStoreAnswers<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof AssetStoreError)) throw error
    throw new ApiError(503, 'assets_unavailable', 'Files cannot be reached; try again later', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    })
  }
}
