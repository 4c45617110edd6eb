import type { WorkspaceRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Position } from '../db/keyset.ts'
import { comesAfter, containing } from '../db/keyset.ts'

/** A person and their place in a workspace. */
export interface MemberRow {
  user_id: string
  email: string
  name: string | null
  avatar_url: string | null
  role: WorkspaceRole
  joined_at: Date
}

/** The member, if the person is one. */
export function findMember(
  db: Database,
  workspaceId: string,
  userId: string,
): Promise<MemberRow | undefined> {
  return membersOf(db, workspaceId).where('user_id', '=', userId).executeTakeFirst()
}

/** A page of a workspace's members, in the order they joined. */
export function listMembers(
  db: Database,
  workspaceId: string,
  page: { limit: number; after: Position | undefined; q: string },
): Promise<MemberRow[]> {
  const { limit, after, q } = page
  const columns = {
    column: sql.ref('joined_at'),
    id: sql.ref('user_id'),
    type: 'timestamptz',
  } as const
  return membersOf(db, workspaceId)
    .where((eb) => eb.or([eb('email', 'ilike', containing(q)), eb('name', 'ilike', containing(q))]))
    .where(comesAfter(after, columns, 'asc'))
    .orderBy('joined_at')
    .orderBy('user_id')
    .limit(limit)
    .execute()
}

/**
 * The accounts with this verified email, in whatever case; two at most, which is too many.
 * They stay until `tx` ends.
 */
export function lockAccountsByEmail(tx: Database, email: string): Promise<{ id: string }[]> {
  return tx
    .selectFrom('users')
    .select('id')
    .where(sql`lower(email)`, '=', sql`lower(${email})`)
    .where('email_verified', '=', true)
    .limit(2)
    .forKeyShare()
    .execute()
}

/** Makes somebody a member. */
export async function insertMember(
  tx: Database,
  member: { workspaceId: string; userId: string; role: WorkspaceRole },
): Promise<void> {
  await tx
    .insertInto('workspace_members')
    .values({ workspace_id: member.workspaceId, user_id: member.userId, role: member.role })
    .execute()
}

/** Gives a member another role. */
export async function updateRole(
  tx: Database,
  member: { workspaceId: string; userId: string; role: WorkspaceRole },
): Promise<void> {
  await tx
    .updateTable('workspace_members')
    .set({ role: member.role })
    .where('workspace_id', '=', member.workspaceId)
    .where('user_id', '=', member.userId)
    .execute()
}

/** Takes somebody out of the workspace and off each of its boards. */
export async function deleteMember(
  tx: Database,
  member: { workspaceId: string; userId: string },
): Promise<void> {
  await tx
    .deleteFrom('workspace_members')
    .where('workspace_id', '=', member.workspaceId)
    .where('user_id', '=', member.userId)
    .execute()
  await tx
    .deleteFrom('board_members')
    .using('boards')
    .whereRef('boards.id', '=', 'board_members.board_id')
    .where('boards.workspace_id', '=', member.workspaceId)
    .where('board_members.user_id', '=', member.userId)
    .execute()
}

/** The owner whom the workspace names as its own, else the one who has been there longest. */
export async function findFirstOwner(
  tx: Database,
  workspaceId: string,
): Promise<string | undefined> {
  const owner = await tx
    .selectFrom('workspace_members')
    .innerJoin('workspaces', 'workspaces.id', 'workspace_id')
    .select('user_id')
    .where('workspace_id', '=', workspaceId)
    .where('role', '=', 'owner')
    .orderBy(sql`user_id IS NOT DISTINCT FROM owner_id`, 'desc')
    .orderBy('joined_at')
    .orderBy('user_id')
    .limit(1)
    .executeTakeFirst()
  return owner?.user_id
}

function membersOf(db: Database, workspaceId: string) {
  return db
    .selectFrom('workspace_members')
    .innerJoin('users', 'users.id', 'user_id')
    .select(['user_id', 'email', 'name', 'avatar_url', 'role', 'joined_at'])
    .where('workspace_id', '=', workspaceId)
}
