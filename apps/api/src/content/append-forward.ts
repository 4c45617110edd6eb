import { MAX_BOARD_BYTES } from '@mindfuse/protocol'
import { touchBoards } from '../boards/repository.ts'
import type { Database } from '../db/database.ts'
import type { DocumentStorage } from '../documents/storage.ts'
import { appendUpdates, type DocumentHead, findHead } from '../documents/stored/repository.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { DocumentChange } from './schemas.ts'

/** Whether a board has no room for so many bytes, as it is stored. */
const isTooLarge = ({ snapshotBytes, tailBytes }: DocumentHead, bytes: number) =>
  (snapshotBytes ?? 0) + tailBytes + bytes > MAX_BOARD_BYTES

/**
 * Merges a board that would be too large with an update, as much of it may have been deleted: whether it
 * then has room for it shows when that is appended.
 */
export async function makeRoomFor(
  update: { boardId: string; bytes: number },
  person: string,
  { db, compactor, log }: Pick<DocumentStorage, 'compactor' | 'log'> & { db: Database },
): Promise<void> {
  const { boardId, bytes } = update
  try {
    const head = await findHead(db, boardId)
    if (head && isTooLarge(head, bytes)) await compactor.compact(boardId, person)
  } catch (error) {
    log.warn({ err: error, boardId }, 'a board could not be merged to make room')
  }
}

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
  if (isTooLarge(head, update.length)) {
    throw new ApiError(413, 'board_full', `The board would be larger than ${MAX_BOARD_BYTES} bytes`)
  }
  const [appended] = await appendUpdates(tx, [{ boardId, updates: [{ userId, update }] }])
  if (appended?.seq == null) throw notFound('board')
  await touchBoards(tx, [boardId])
  return { seq: appended.seq, changed: true }
}
