import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** The workspaces that a person owns, each with how many other members and other owners it has. */
export async function listOwnedWorkspaces(
  tx: Database,
  userId: string,
): Promise<{ id: string; name: string; others: number; otherOwners: number }[]> {
  const { rows } = await sql<{ id: string; name: string; others: number; otherOwners: number }>`
    SELECT w.id, w.name,
      count(o.user_id)::int AS others,
      count(o.user_id) FILTER (WHERE o.role = 'owner')::int AS "otherOwners"
    FROM workspaces w
    JOIN workspace_members m ON m.workspace_id = w.id AND m.user_id = ${userId} AND m.role = 'owner'
    LEFT JOIN workspace_members o ON o.workspace_id = w.id AND o.user_id <> ${userId}
    WHERE w.deleted_at IS NULL
    GROUP BY w.id`.execute(tx)
  return rows
}

/** Locks every workspace a person is in, in the order of their ids, and returns those. */
export async function lockWorkspacesOf(tx: Database, userId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT w.id FROM workspaces w
    JOIN workspace_members m ON m.workspace_id = w.id AND m.user_id = ${userId}
    ORDER BY w.id FOR UPDATE OF w`.execute(tx)
  return rows.map((row) => row.id)
}

/**
 * Locks a person. Whatever is about to be theirs refers to their row: what has not committed by now is
 * waited for, and what comes later is refused once they are deleted.
 */
export async function lockUser(tx: Database, userId: string): Promise<void> {
  await tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute()
}

/** Boards that a person is on directly, in workspaces other than `workspaceIds`. */
export async function listGuestBoards(
  tx: Database,
  userId: string,
  workspaceIds: string[],
): Promise<string[]> {
  const rows = await tx
    .selectFrom('board_members')
    .innerJoin('boards', 'boards.id', 'board_id')
    .select('boards.id')
    .where('user_id', '=', userId)
    .where((eb) => eb.not(eb('workspace_id', '=', eb.fn.any(eb.val(workspaceIds)))))
    .execute()
  return rows.map((row) => row.id)
}

/** Deletes workspaces for good, with their boards. @returns who was on these boards themselves */
export async function deleteWorkspaces(tx: Database, workspaceIds: string[]): Promise<string[]> {
  const members = await tx
    .deleteFrom('board_members')
    .using('boards')
    .whereRef('boards.id', '=', 'board_members.board_id')
    .where((eb) => eb('boards.workspace_id', '=', eb.fn.any(eb.val(workspaceIds))))
    .returning('board_members.user_id')
    .execute()
  await tx
    .deleteFrom('workspaces')
    .where((eb) => eb('id', '=', eb.fn.any(eb.val(workspaceIds))))
    .execute()
  return [...new Set(members.map((member) => member.user_id))]
}

/**
 * Names another owner where `owner_id` is the person about to leave, and none where the workspace is
 * deleted: its trash is not another's to pay for.
 *
 * @returns the workspaces with another owner
 */
export async function passOwnership(tx: Database, userId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string; ownerId: string | null }>`
    UPDATE workspaces w SET owner_id = CASE WHEN deleted_at IS NULL THEN (
      SELECT user_id FROM workspace_members m
      WHERE m.workspace_id = w.id AND m.role = 'owner' AND m.user_id <> ${userId}
      ORDER BY joined_at, user_id LIMIT 1
    ) END WHERE owner_id = ${userId}
    RETURNING id, owner_id AS "ownerId"`.execute(tx)
  return rows.filter(({ ownerId }) => ownerId !== null).map(({ id }) => id)
}

/** Deletes the person; sessions, memberships and invites go with the row. */
export async function deleteUser(tx: Database, userId: string): Promise<string[]> {
  const sessions = await tx
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .execute()
  await tx.deleteFrom('users').where('id', '=', userId).execute()
  return sessions.map((session) => session.id)
}
