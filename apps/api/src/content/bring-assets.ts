import { copyAssets } from '../assets/repository.ts'
import { grantsOf, settingsOf } from '../boards/access.ts'
import { mayOnBoard } from '../boards/policy.ts'
import { listBoardsWithAssets } from '../boards/repository.ts'
import type { Database } from '../db/database.ts'

/** Most other boards that are asked for files. */
const MAX_BOARDS = 1_000

/**
 * Puts on a board the files that its document names and that somebody may read on another board of the workspace.
 * Of those that they may not read it does not show whether there are any.
 * @returns how many
 */
export async function bringAssets(
  tx: Database,
  board: { id: string; workspaceId: string },
  userId: string,
  digests: readonly string[],
): Promise<number> {
  if (digests.length === 0) return 0
  const { id: boardId, workspaceId } = board
  const others = await listBoardsWithAssets(tx, { workspaceId, userId, digests, limit: MAX_BOARDS })
  const readable = others.filter((row) => mayOnBoard(grantsOf(row), 'read', settingsOf(row)))
  const from = readable.map(({ id }) => id).filter((id) => id !== boardId)
  return copyAssets(tx, { from, to: boardId, addedBy: userId, digests })
}
