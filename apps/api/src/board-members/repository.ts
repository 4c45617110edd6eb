import type { BoardRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Position } from '../db/keyset.ts'
import { comesAfter } from '../db/keyset.ts'

/** A direct member of a board. */
export interface BoardMemberRow {
  user_id: string
  email: string
  name: string | null
  avatar_url: string | null
  role: BoardRole
  invited_by: string | null
  joined_at: Date
}

/** The board's direct members, in the order they joined. */
export function listMembers(
  db: Database,
  boardId: string,
  page: { limit: number; after: Position | undefined },
): Promise<BoardMemberRow[]> {
  const column = sql.ref('joined_at')
  const id = sql.ref('user_id')
  return membersOf(db, boardId)
    .where(comesAfter(page.after, { column, id, type: 'timestamptz' }, 'asc'))
    .orderBy('joined_at')
    .orderBy('user_id')
    .limit(page.limit)
    .execute()
}

/** The person as a direct member, if they are one. */
export function findMember(
  db: Database,
  boardId: string,
  userId: string,
): Promise<BoardMemberRow | undefined> {
  return membersOf(db, boardId).where('user_id', '=', userId).executeTakeFirst()
}

/** Whether the person is a member of the board's workspace. */
export async function isInWorkspace(
  db: Database,
  workspaceId: string,
  userId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('workspace_members')
    .select('role')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether the board has a direct owner other than this person. */
export async function hasOtherOwner(
  db: Database,
  boardId: string,
  userId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('board_members')
    .select('user_id')
    .where('board_id', '=', boardId)
    .where('role', '=', 'owner')
    .where('user_id', '!=', userId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Gives the person a role on the board, in place of the one they may have had. */
export async function putMember(
  tx: Database,
  member: { boardId: string; userId: string; role: BoardRole; invitedBy: string },
): Promise<void> {
  const { boardId, userId, role, invitedBy } = member
  await tx
    .insertInto('board_members')
    .values({ board_id: boardId, user_id: userId, role, invited_by: invitedBy })
    .onConflict((conflict) => conflict.columns(['board_id', 'user_id']).doUpdateSet({ role }))
    .execute()
}

/** Takes the person's direct role away. */
export async function deleteMember(tx: Database, boardId: string, userId: string): Promise<void> {
  await tx
    .deleteFrom('board_members')
    .where('board_id', '=', boardId)
    .where('user_id', '=', userId)
    .execute()
}

function membersOf(db: Database, boardId: string) {
  return db
    .selectFrom('board_members')
    .innerJoin('users', 'users.id', 'user_id')
    .select(['user_id', 'email', 'name', 'avatar_url', 'role', 'invited_by', 'joined_at'])
    .where('board_id', '=', boardId)
}
