import type { BoardRole } from '@mindfuse/protocol'
import { scopeRequired } from '../auth/open-to.ts'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, notFound } from '../http/errors.ts'
import {
  type BoardAction,
  type BoardGrants,
  type BoardSettings,
  effectiveBoardRole,
  mayOnBoard,
  memberRole,
  SCOPE_OF_ACTION,
} from './policy.ts'
import { type BoardRow, findBoard, lockBoard } from './repository.ts'

/** What is done to a board in the trash; everything else is done outside of it. */
const TRASH_ACTIONS: readonly BoardAction[] = ['restore', 'deletePermanently']

/** The columns of a board that say what somebody was given. */
export type GrantColumns = Pick<
  BoardRow,
  'workspace_role' | 'board_role' | 'link_role' | 'key_scopes'
>

/** Of somebody who was given nothing. */
export const NO_GRANTS: GrantColumns = {
  workspace_role: null,
  board_role: null,
  link_role: null,
  key_scopes: null,
}

/** What gives somebody rights on a board. */
export function grantsOf(row: GrantColumns): BoardGrants {
  return {
    workspaceRole: row.workspace_role,
    boardRole: row.board_role,
    linkRole: row.link_role,
    keyScopes: row.key_scopes,
  }
}

/** A person's role on a board, in the trash or not; null where they have no access. */
export function roleOn(row: BoardRow): BoardRole | null {
  return effectiveBoardRole(grantsOf(row))
}

/** The settings that change what roles allow. */
export function settingsOf(row: BoardRow): BoardSettings {
  return { viewersCanBroadcast: row.viewers_can_broadcast }
}

/**
 * The board, for a person who may do this to it.
 *
 * @throws ApiError 404 for a stranger and for a board that is gone or in the trash, which members are told, 403
 * for a person who sees it but may not, 409 for an action of the trash on a board outside of it
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
  if (!row || !role) throw notFound('board')
  if (row.deleted_at && !isTrashAction) throw inTrash(row, row.deleted_at)
  if (!mayOnBoard(grantsOf(row), action, settingsOf(row))) {
    if (row.key_scopes) throw scopeRequired(SCOPE_OF_ACTION[action])
    throw forbidden(`Your role on this board (${role}) does not allow that`)
  }
  if (isTrashAction && !row.deleted_at) {
    throw new ApiError(409, 'not_in_trash', 'The board is not in the trash')
  }
  return Object.assign(row, { role })
}

/**
 * As {@link requireBoard}, and locks the board and its members until `tx` ends.
 * Call it first: a row of `board_members` that is written before may cause a deadlock.
 */
export async function requireLockedBoard(
  tx: Database,
  userId: string,
  boardId: string,
  action: BoardAction,
): Promise<BoardRow & { role: BoardRole }> {
  // Two statements: the one that acquires the lock reads the members as they were before.
  await lockBoard(tx, boardId)
  return requireBoard(tx, userId, boardId, action)
}

/** Who came by a link learns no more than a stranger: the link says itself that its board is gone. */
function inTrash(row: BoardRow, trashedAt: Date): ApiError {
  const grants = grantsOf(row)
  if (!grants.keyScopes && !memberRole(grants)) return notFound('board')
  return new ApiError(404, 'board_trashed', 'The board is in the trash', {
    details: {
      name: row.name,
      trashedAt: trashedAt.toISOString(),
      canRestore: mayOnBoard(grants, 'restore', settingsOf(row)),
    },
  })
}
