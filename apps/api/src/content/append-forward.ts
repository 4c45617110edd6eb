import { MAX_BOARD_BYTES } from '@mindfuse/protocol'
import type { Database } from '../db/database.ts'
import { appendUpdates, findHead } from '../documents/stored/repository.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { DocumentChange } from './schemas.ts'

/**
 * Appends an update that was made over HTTP, like any edit: clients that have the board open receive it,
 * and their own edits merge with it.
 *
 * @throws ApiError 404 for a board that is gone, 413 for one that would be past its limit
 */
export async function appendForward(
  tx: Database,
  edit: { boardId: string; userId: string; update: Uint8Array | null },
): Promise<DocumentChange> {
  const { boardId, userId, update } = edit
  const head = await findHead(tx, boardId)
  if (!head) throw notFound('board')
  if (!update) return { seq: head.seq, changed: false }
  if ((head.snapshotBytes ?? 0) + head.tailBytes + update.length > MAX_BOARD_BYTES) {
    throw new ApiError(413, 'board_full', `The board would be larger than ${MAX_BOARD_BYTES} bytes`)
  }
  const [appended] = await appendUpdates(tx, [{ boardId, updates: [{ userId, update }] }])
  if (!appended) throw notFound('board')
  return { seq: appended.seq, changed: true }
}
