import type { WorkspaceRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { comesAfter } from '../db/keyset.ts'
import type { Position } from '../http/pagination.ts'

/** A workspace, seen by one of its members. */
export interface WorkspaceRow {
  id: string
  name: string
  type: 'personal' | 'team'
  version: number
  created_at: Date
  updated_at: Date
  role: WorkspaceRole
}

/** Makes sure that a person has their personal workspace; there is never a second one. */
export async function createPersonalWorkspace(
  db: Database,
  owner: { userId: string; name: string },
): Promise<void> {
  const created = await db
    .insertInto('workspaces')
    .values({ name: owner.name, type: 'personal', owner_id: owner.userId })
    .onConflict((conflict) =>
      conflict.column('owner_id').where('type', '=', 'personal').doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  if (created) await insertOwner(db, created.id, owner.userId)
}

/** Creates a team workspace with its owner as a member. */
export async function insertTeamWorkspace(
  db: Database,
  workspace: { name: string; ownerId: string },
): Promise<WorkspaceRow> {
  const row = await db
    .insertInto('workspaces')
    .values({ name: workspace.name, type: 'team', owner_id: workspace.ownerId })
    .returning(['id', 'name', 'type', 'version', 'created_at', 'updated_at'])
    .executeTakeFirstOrThrow()
  await insertOwner(db, row.id, workspace.ownerId)
  return { ...row, role: 'owner' }
}

/** The workspace, if the person is a member. */
export function findWorkspace(
  db: Database,
  workspaceId: string,
  userId: string,
): Promise<WorkspaceRow | undefined> {
  return membershipsOf(db, userId).where('workspaces.id', '=', workspaceId).executeTakeFirst()
}

/** A person's workspaces, newest first. */
export function listWorkspaces(
  db: Database,
  userId: string,
  page: { limit: number; after: Position | undefined },
): Promise<WorkspaceRow[]> {
  const { limit, after } = page
  return membershipsOf(db, userId)
    .where(
      comesAfter(
        after,
        {
          column: sql.ref('workspaces.created_at'),
          id: sql.ref('workspaces.id'),
          type: 'timestamptz',
        },
        'desc',
      ),
    )
    .orderBy('workspaces.created_at', 'desc')
    .orderBy('workspaces.id', 'desc')
    .limit(limit)
    .execute()
}

function membershipsOf(db: Database, userId: string) {
  return db
    .selectFrom('workspaces')
    .innerJoin('workspace_members', 'workspace_members.workspace_id', 'workspaces.id')
    .select([
      'workspaces.id',
      'name',
      'type',
      'version',
      'workspaces.created_at',
      'workspaces.updated_at',
      'role',
    ])
    .where('workspace_members.user_id', '=', userId)
    .where('workspaces.deleted_at', 'is', null)
}

async function insertOwner(db: Database, workspaceId: string, userId: string): Promise<void> {
  await db
    .insertInto('workspace_members')
    .values({ workspace_id: workspaceId, user_id: userId, role: 'owner' })
    .execute()
}
