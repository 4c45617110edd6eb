import type { BoardRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** A key that mints tokens. */
export interface MintingKey {
  workspaceId: string
  /** For how long it lives, seconds; null for ever. */
  secondsLeft: number | null
}

/** The key behind a session that lives; it cannot end until the transaction does. */
export async function holdKey(tx: Database, keyId: string): Promise<MintingKey | undefined> {
  const { rows } = await sql<MintingKey>`
    SELECT workspace_id AS "workspaceId",
      CASE WHEN isfinite(expires_at)
        THEN floor(extract(epoch FROM expires_at - now()))::int END AS "secondsLeft"
    FROM keys JOIN sessions USING (id)
    WHERE id = ${keyId} AND revoked_at IS NULL AND expires_at > now()
    FOR KEY SHARE OF sessions`.execute(tx)
  return rows[0]
}

/** A user's roles on these boards, null without one; boards of other workspaces or in the trash are left out. */
export async function readRoles(
  tx: Database,
  {
    workspaceId,
    userId,
    boardIds,
  }: { workspaceId: string; userId: string; boardIds: readonly string[] },
): Promise<Map<string, BoardRole | null>> {
  const { rows } = await sql<{ id: string; role: BoardRole | null }>`
    SELECT boards.id, board_members.role
    FROM boards
    LEFT JOIN board_members ON board_id = boards.id AND board_members.user_id = ${userId}
    WHERE workspace_id = ${workspaceId} AND boards.id = ANY (${[...boardIds]}::uuid[])
      AND deleted_at IS NULL`.execute(tx)
  return new Map(rows.map(({ id, role }) => [id, role]))
}

/** Whether a key may have a session for an app user: it has one, or fewer than `most` in all. */
export async function hasRoomFor(
  tx: Database,
  { keyId, userId, most }: { keyId: string; userId: string; most: number },
): Promise<boolean> {
  const { rows } = await sql<{ hasRoom: boolean }>`
    SELECT EXISTS (SELECT FROM sessions WHERE parent_id = ${keyId} AND user_id = ${userId})
      OR (
        SELECT count(*) FROM (SELECT FROM sessions WHERE parent_id = ${keyId} LIMIT ${most}) AS made
      ) < ${most} AS "hasRoom"`.execute(tx)
  return rows[0]?.hasRoom === true
}

/** The session that a key has for an app user: a new one, or the one there is, for longer. @returns its id */
export async function extendSession(
  tx: Database,
  session: { keyId: string; userId: string; tokenHash: string; ttlSeconds: number },
): Promise<string> {
  const expiresAt = sql<Date>`now() + make_interval(secs => ${session.ttlSeconds})`
  const { id } = await tx
    .insertInto('sessions')
    .values({
      ...{ user_id: session.userId, parent_id: session.keyId, token: session.tokenHash },
      expires_at: expiresAt,
    })
    .onConflict((conflict) =>
      conflict.columns(['parent_id', 'user_id']).where('parent_id', 'is not', null).doUpdateSet({
        expires_at: sql<Date>`greatest(sessions.expires_at, excluded.expires_at)`,
        rotated_at: sql<Date>`now()`,
      }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The boards of a workspace that a user is a member of, locked in the order of their ids. */
export async function lockBoardsOf(
  tx: Database,
  workspaceId: string,
  userId: string,
): Promise<{ id: string; workspace_id: string; role: BoardRole }[]> {
  const { rows } = await sql<{ id: string; workspace_id: string; role: BoardRole }>`
    SELECT boards.id, workspace_id, role
    FROM boards JOIN board_members ON board_id = boards.id
    WHERE workspace_id = ${workspaceId} AND user_id = ${userId}
    ORDER BY boards.id FOR UPDATE OF boards`.execute(tx)
  return rows
}
