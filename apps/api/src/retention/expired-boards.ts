import { type RawBuilder, sql } from 'kysely'
import { deleteBoard, lockBoard } from '../boards/repository.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import { NOBODY } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import { byItself } from './by-itself.ts'

/** How long a board lies in the trash, days. */
export const TRASH_DAYS = 30

/** Most boards removed at a time. */
const BOARD_BATCH = 20

const HAS_EXPIRED: RawBuilder<boolean> = sql`
  deleted_at < now() - make_interval(days => ${TRASH_DAYS}::int)`

/**
 * Deletes boards that have lain in the trash for {@link TRASH_DAYS}, with their documents, each in a
 * transaction of its own and recorded as a delete by the person who trashed it.
 *
 * @returns how many
 */
export async function removeExpiredBoards(db: Database, transact: Transact): Promise<number> {
  const boards = await db
    .selectFrom('boards')
    .select(['id', 'deleted_by'])
    .where(HAS_EXPIRED)
    .orderBy('deleted_at')
    .limit(BOARD_BATCH)
    .execute()
  let removed = 0
  for (const { id, deleted_by } of boards) {
    if (await removeBoard(transact, id, deleted_by ?? NOBODY)) removed++
  }
  return removed
}

function removeBoard(transact: Transact, boardId: string, actorId: string): Promise<boolean> {
  return transact(byItself(actorId), async (tx, record) => {
    await lockBoard(tx, boardId)
    // Another instance was first, or it was restored a moment ago.
    const board = await tx
      .selectFrom('boards')
      .select(['workspace_id', 'name'])
      .where('id', '=', boardId)
      .where(HAS_EXPIRED)
      .executeTakeFirst()
    if (!board) return false
    const access = await raiseAccessVersions(tx, { boardIds: [boardId] })
    const formerMembers = await deleteBoard(tx, boardId)
    await record({
      type: 'board.deleted',
      workspaceId: board.workspace_id,
      boardId,
      target: { type: 'board', id: boardId },
      changes: { name: board.name, afterDaysInTrash: TRASH_DAYS },
      access,
      formerMembers,
    })
    return true
  })
}
