import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { exists } from '../db/exists.ts'

/** A person on a board, or on all boards of a workspace. */
interface Place {
  userId: string
  workspaceId: string
  boardId?: string
}

/**
 * Remembers that a person was removed or given a lesser role, so that no older invite or link undoes it,
 * and takes back what links have given them.
 * Call it after `raiseAccessVersions`: invites and links are made and accepted while their board is locked,
 * so each is either older than this or made after it.
 */
export async function recordReduction(tx: Database, place: Place): Promise<void> {
  // Not now(), the start of the transaction: an older invite may have begun after it, and had the lock first.
  const reduced_at = sql<Date>`statement_timestamp()`
  await tx
    .insertInto('access_reductions')
    .values({
      user_id: place.userId,
      workspace_id: place.workspaceId,
      board_id: place.boardId ?? null,
      reduced_at,
    })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'workspace_id', 'board_id']).doUpdateSet({ reduced_at }),
    )
    .execute()
  await takeBackGrants(tx, place)
}

/** Takes back what links have given a person. @returns how many they were */
export async function takeBackGrants(tx: Database, place: Place): Promise<number> {
  const { userId, workspaceId, boardId } = place
  const { numDeletedRows } = await tx
    .deleteFrom('link_grants')
    .where('user_id', '=', userId)
    .where('board_id', 'in', (eb) =>
      eb
        .selectFrom('boards')
        .select('boards.id')
        .where('workspace_id', '=', workspaceId)
        .$if(boardId !== undefined, (boards) => boards.where('boards.id', '=', boardId as string)),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Whether a person was removed or given a lesser role after an invite or a link was made. */
export function isReducedSince(
  tx: Database,
  { userId, workspaceId, boardId, since }: Required<Place> & { since: Date },
): Promise<boolean> {
  return exists(
    tx
      .selectFrom('access_reductions')
      .select('reduced_at')
      .where('user_id', '=', userId)
      .where('workspace_id', '=', workspaceId)
      .where((eb) => eb.or([eb('board_id', '=', boardId), eb('board_id', 'is', null)]))
      .where('reduced_at', '>=', since)
      .limit(1),
  )
}
