import type { WorkspaceRole } from '@mindfuse/protocol'
import { type NotNull, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, containing, type KeysetPage, pageOf } from '../db/keyset.ts'
import { foldedEmail } from '../users/email.ts'

/** A person and their place in a workspace. */
export interface MemberRow {
  user_id: string
  email: string
  name: string | null
  avatar_url: string | null
  role: WorkspaceRole
  joined_at: Date
}

/** A person in a workspace. */
interface MemberId {
  workspaceId: string
  userId: string
}

/** The member, if the person is one. */
export function findMember(db: Database, id: MemberId): Promise<MemberRow | undefined> {
  return membersOf(db, id.workspaceId).where('user_id', '=', id.userId).executeTakeFirst()
}

/** A page of a workspace's members, in the order they joined. */
export function listMembers(
  db: Database,
  workspaceId: string,
  { q, ...page }: KeysetPage & { q: string },
): Promise<MemberRow[]> {
  const members = membersOf(db, workspaceId).where((eb) =>
    eb.or([eb('email', 'ilike', containing(q)), eb('name', 'ilike', containing(q))]),
  )
  return pageOf(members, page, byTime('joined_at', 'user_id', 'asc')).execute()
}

/** The member with this folded email; the one who was first, where several have it. */
export function findMemberByEmail(
  db: Database,
  { workspaceId, email }: { workspaceId: string; email: string },
): Promise<MemberRow | undefined> {
  return membersOf(db, workspaceId)
    .where(foldedEmail, '=', email)
    .orderBy('joined_at')
    .limit(1)
    .executeTakeFirst()
}

/** A member and their role. */
type Membership = MemberId & { role: WorkspaceRole }

/** Makes the person a member. */
export async function insertMember(tx: Database, member: Membership): Promise<void> {
  const { workspaceId: workspace_id, userId: user_id, role } = member
  await tx.insertInto('workspace_members').values({ workspace_id, user_id, role }).execute()
}

/** Gives a member another role. */
export async function updateRole(tx: Database, member: Membership): Promise<void> {
  const { workspaceId: workspace_id, userId: user_id, role } = member
  await tx
    .updateTable('workspace_members')
    .set({ role })
    .where((eb) => eb.and({ workspace_id, user_id }))
    .execute()
}

/** Removes a member from the workspace and from each of its boards. */
export async function deleteMember(tx: Database, member: MemberId): Promise<void> {
  const { workspaceId: workspace_id, userId: user_id } = member
  await tx
    .deleteFrom('workspace_members')
    .where((eb) => eb.and({ workspace_id, user_id }))
    .execute()
  await tx
    .deleteFrom('board_members')
    .using('boards')
    .whereRef('boards.id', '=', 'board_members.board_id')
    .where('boards.workspace_id', '=', workspace_id)
    .where('board_members.user_id', '=', user_id)
    .execute()
}

/**
 * The owner that the workspace names, else the one who has been a member longest.
 * @returns `isNew` for another than the workspace names
 */
export function findFirstOwner(
  tx: Database,
  workspaceId: string,
): Promise<{ userId: string; isNew: boolean } | undefined> {
  const isNew = sql<boolean>`user_id IS DISTINCT FROM owner_id`
  return tx
    .selectFrom('workspace_members')
    .innerJoin('workspaces', 'workspaces.id', 'workspace_id')
    .select(['user_id as userId', isNew.as('isNew')])
    .where('workspace_id', '=', workspaceId)
    .where('role', '=', 'owner')
    .orderBy(isNew)
    .orderBy('joined_at')
    .orderBy('user_id')
    .limit(1)
    .executeTakeFirst()
}

function membersOf(db: Database, workspaceId: string) {
  return (
    db
      .selectFrom('workspace_members')
      .innerJoin('users', 'users.id', 'user_id')
      .select(['user_id', 'email', 'name', 'avatar_url', 'role', 'joined_at'])
      // Only people are members of workspaces.
      .$narrowType<{ email: NotNull }>()
      .where('workspace_id', '=', workspaceId)
  )
}
