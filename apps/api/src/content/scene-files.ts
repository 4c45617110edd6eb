import { Readable } from 'node:stream'
import type { BoardAssetService } from '../board-assets/service.ts'
import type { Actor } from '../changes/actor.ts'
import type { Spool, Spooled } from '../documents/spool/spool.ts'
import type { JobOwner } from '../documents/worker/document-workers.ts'
import { readResult } from '../documents/worker/pieces.ts'
import type { RemoteOperations } from '../documents/worker/worker-process.ts'
import { ApiError } from '../http/errors.ts'

/** Most files of one scene that are kept. */
export const MAX_SCENE_FILES = 500

/** A file that came with a scene, outside of the worker. */
export interface SceneFile {
  digest: string
  spooled: Spooled
}

/** Takes the files of an imported scene out of the worker. The caller frees them. */
export async function takeFiles(
  operations: RemoteOperations,
  digests: readonly string[],
  { spool, owner }: { spool: Spool; owner: JobOwner },
): Promise<SceneFile[]> {
  const taken: SceneFile[] = []
  try {
    for (const digest of digests.slice(0, MAX_SCENE_FILES)) {
      await operations.sceneFile(digest)
      taken.push({ digest, spooled: await spool.write(readResult(operations), owner) })
    }
    return taken
  } catch (error) {
    await freeFiles(taken)
    throw error
  }
}

export async function freeFiles(files: readonly SceneFile[]): Promise<void> {
  for (const { spooled } of files) await spooled.close()
}

/** What a file may be refused for while its scene is taken. */
const NOT_TAKEN = ['unsupported_file_type', 'file_too_large', 'assets_not_configured']

/**
 * Puts the files of a scene on a board, as uploads.
 * @returns how many were not taken
 * @throws ApiError 409 past a quota, 503 where the store is away
 */
export async function addFiles(
  service: BoardAssetService,
  actor: Actor,
  { boardId, files }: { boardId: string; files: readonly SceneFile[] },
): Promise<number> {
  let notTaken = 0
  for (const { digest, spooled } of files) {
    const stream = Readable.from(spooled.chunks(), { objectMode: false })
    const body = Object.assign(stream, { headers: {}, complete: true })
    try {
      await service.add(actor, { boardId, digest }, { body, sender: actor.userId })
    } catch (error) {
      if (!(error instanceof ApiError) || !NOT_TAKEN.includes(error.code)) throw error
      notTaken++
    }
  }
  return notTaken
}
