import type { BoardRole } from '@mindfuse/protocol'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, notFound } from '../http/errors.ts'
import { type BoardAction, type BoardSettings, canOnBoard, effectiveBoardRole } from './policy.ts'
import { type BoardRow, findBoard, lockBoard } from './repository.ts'

/** What is done to a board in the trash; everything else is done outside of it. */
const TRASH_ACTIONS: readonly BoardAction[] = ['restore', 'deletePermanently']

/** Somebody's role on a board, in the trash or not; null where they have no access. */
export function roleOn(row: BoardRow): BoardRole | null {
  return effectiveBoardRole({ workspaceRole: row.workspace_role, boardRole: row.board_role })
}

/** What the board itself says about what people may do on it. */
export function settingsOf(row: BoardRow): BoardSettings {
  return { viewersCanBroadcast: row.viewers_can_broadcast }
}

/**
 * The board, for somebody who may do this to it.
 *
 * @throws ApiError 404 for a stranger and for a board that is gone or in the trash, 403 for
 * somebody who sees it but may not, 409 for an action of the trash on a board outside of it
 */
export async function requireBoard(
  tx: Database,
  userId: string,
  boardId: string,
  action: BoardAction,
): Promise<BoardRow & { role: BoardRole }> {
  const row = await findBoard(tx, { boardId, userId })
  const role = row && roleOn(row)
  const isTrashAction = TRASH_ACTIONS.includes(action)
  if (!row || !role || (row.deleted_at && !isTrashAction)) throw notFound('board')
  if (!canOnBoard(role, action, settingsOf(row))) {
    throw forbidden(`A ${role} of this board may not do that`)
  }
  if (isTrashAction && !row.deleted_at) {
    throw new ApiError(409, 'not_in_trash', 'The board is not in the trash')
  }
  return Object.assign(row, { role })
}

/**
 * As {@link requireBoard}, and nobody else changes the board or its members before `tx` ends.
 * Call it first: who writes a row of `board_members` before, may wait for somebody who waits.
 */
export async function requireLockedBoard(
  tx: Database,
  userId: string,
  boardId: string,
  action: BoardAction,
): Promise<BoardRow & { role: BoardRole }> {
  // Two statements: the one that waits for the lock still reads the members from before.
  await lockBoard(tx, boardId)
  return requireBoard(tx, userId, boardId, action)
}
