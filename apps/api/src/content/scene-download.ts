import type { AssetPlace } from '../assets/repository.ts'
import type { BoardAssetService, SentAsset } from '../board-assets/service.ts'
import type { Spooled } from '../documents/spool/spool.ts'
import type { NamedFile } from '../documents/worker/scene.ts'
import type { DownloadSource } from '../http/download.ts'
import { ApiError } from '../http/errors.ts'

/** Bytes that base64 encodes as a whole. */
const BASE64_GROUP = 3

/**
 * A `.excalidraw` file: the scene, and then its files one after the other as they are read. Those that the board
 * does not have are left out.
 */
export function sceneDownload(
  scene: Spooled,
  named: readonly NamedFile[],
  { files, boardId, userId }: { files: BoardAssetService; boardId: string; userId: string },
): DownloadSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* scene.chunks()
    let separator = ''
    for (const { id, digest } of named) {
      const asset = await findFile(files, userId, { boardId, digest })
      const stream = asset && (await openFile(files, asset))
      if (!stream) continue
      const details = { id, mimeType: asset.contentType, created: 1 }
      const head = JSON.stringify(details).slice(0, -1)
      yield Buffer.from(
        `${separator}${JSON.stringify(id)}:${head},"dataURL":"data:${asset.contentType};base64,`,
      )
      yield* base64Of(stream)
      yield Buffer.from('"}')
      separator = ','
    }
    yield Buffer.from('}}')
  }
  return { chunks, close: () => scene.close() }
}

async function* base64Of(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const chunk of stream) {
    const bytes = Buffer.concat([rest, chunk])
    const whole = bytes.length - (bytes.length % BASE64_GROUP)
    yield Buffer.from(bytes.toString('base64', 0, whole))
    rest = bytes.subarray(whole)
  }
  yield Buffer.from(rest.toString('base64'))
}

const findFile = (files: BoardAssetService, userId: string, place: AssetPlace) =>
  unlessMissing(() => files.find(userId, place))

const openFile = (files: BoardAssetService, asset: SentAsset) =>
  unlessMissing(async () => (await files.open(asset, undefined)).stream)

/** Undefined where the board, or the store, does not have it: or there is no store. */
async function unlessMissing<Result>(find: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await find()
  } catch (error) {
    if (error instanceof ApiError && MISSING.includes(error.code)) return undefined
    throw error
  }
}

const MISSING = ['asset_not_found', 'asset_lost', 'assets_not_configured']
