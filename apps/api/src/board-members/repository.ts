import type { BoardRole } from '@mindfuse/protocol'
import type { Database } from '../db/database.ts'
import { exists } from '../db/exists.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import { appUserProvider } from '../users/app-users.ts'
import { findUser } from '../users/repository.ts'

/** A direct member of a board. */
export interface BoardMemberRow {
  user_id: string
  /** Null of whoever is no person. */
  email: string | null
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
  page: KeysetPage,
): Promise<BoardMemberRow[]> {
  return pageOf(membersOf(db, boardId), page, byTime('joined_at', 'user_id', 'asc')).execute()
}

/** A person on a board. */
interface MemberId {
  boardId: string
  userId: string
}

/** The person as a direct member, if they are one. */
export function findMember(db: Database, id: MemberId): Promise<BoardMemberRow | undefined> {
  return membersOf(db, id.boardId).where('user_id', '=', id.userId).executeTakeFirst()
}

/** Whether somebody is a member of the board's workspace, or a user of its product. */
export async function isOfWorkspace(
  db: Database,
  workspaceId: string,
  userId: string,
): Promise<boolean> {
  const isMember = await exists(
    db
      .selectFrom('workspace_members')
      .select('role')
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId),
  )
  return isMember || (await findUser(db, userId))?.oauth_provider === appUserProvider(workspaceId)
}

/** Gives the person a role on the board, in place of the one they may have had. */
export async function putMember(
  tx: Database,
  member: MemberId & { role: BoardRole; invitedBy: string },
): Promise<void> {
  const { boardId, userId, role, invitedBy } = member
  await tx
    .insertInto('board_members')
    .values({ board_id: boardId, user_id: userId, role, invited_by: invitedBy })
    .onConflict((conflict) => conflict.columns(['board_id', 'user_id']).doUpdateSet({ role }))
    .execute()
}

/** Takes the person's direct role away. */
export async function deleteMember(tx: Database, { boardId, userId }: MemberId): Promise<void> {
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
