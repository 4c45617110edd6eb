import type { KeyScope, WorkspaceRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { byTime, containing, type KeysetOrder, type KeysetPage, pageOf } from '../db/keyset.ts'
import type { GuestSetting, WorkspaceSort } from './schemas.ts'

/** A workspace, seen by one of its members, or by a key, which counts as a member with scopes. */
export interface WorkspaceRow {
  id: string
  name: string
  type: 'personal' | 'team'
  guests: GuestSetting
  version: number
  created_at: Date
  updated_at: Date
  role: WorkspaceRole
  /** Of a key; null for people. */
  key_scopes: KeyScope[] | null
  /** The boards that a key is for; null for all. */
  key_board_ids: string[] | null
}

/** What depends on who sees it. */
export type ViewerColumns = 'role' | 'key_scopes' | 'key_board_ids'

/** Of people. */
export const NO_KEY = { key_scopes: null, key_board_ids: null } as const

/** The columns of a workspace that do not depend on the person. */
export const WORKSPACE_COLUMNS = [
  'workspaces.id',
  'name',
  'type',
  'guests',
  'version',
  'workspaces.created_at',
  'workspaces.updated_at',
] as const

/** Makes sure that a person has their personal workspace; there is never a second one. */
export async function createPersonalWorkspace(
  db: Database,
  owner: { userId: string; name: string },
): Promise<void> {
  const created = await db
    .insertInto('workspaces')
    .values({ name: owner.name, type: 'personal', owner_id: owner.userId })
    // A literal, because a prepared statement finds the partial index by it.
    .onConflict((conflict) =>
      conflict.column('owner_id').where('type', '=', sql.lit('personal')).doNothing(),
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
    .returning(WORKSPACE_COLUMNS)
    .executeTakeFirstOrThrow()
  await insertOwner(db, row.id, workspace.ownerId)
  return { ...row, role: 'owner', ...NO_KEY }
}

/** The workspace, if the person is a member, or its key. */
export async function findWorkspace(
  db: Database,
  workspaceId: string,
  userId: string,
): Promise<WorkspaceRow | undefined> {
  const row = await db
    .selectFrom('workspaces')
    .leftJoin('workspace_members', (join) =>
      join
        .onRef('workspace_members.workspace_id', '=', 'workspaces.id')
        .on('workspace_members.user_id', '=', userId),
    )
    .leftJoin('keys', (join) =>
      join.onRef('keys.workspace_id', '=', 'workspaces.id').on('keys.user_id', '=', userId),
    )
    .select([...WORKSPACE_COLUMNS, 'role', 'scopes', 'board_ids'])
    .where('workspaces.id', '=', workspaceId)
    .where('workspaces.deleted_at', 'is', null)
    .executeTakeFirst()
  if (!row) return undefined
  const { role, scopes, board_ids, ...workspace } = row
  if (role) return { ...workspace, role, ...NO_KEY }
  if (!scopes) return undefined
  return { ...workspace, role: 'member', key_scopes: scopes, key_board_ids: board_ids }
}

/** What kind of workspace it is and whose, whoever asks. */
export function findKind(
  db: Database,
  workspaceId: string,
): Promise<{ type: 'personal' | 'team'; owner_id: string | null } | undefined> {
  return db
    .selectFrom('workspaces')
    .select(['type', 'owner_id'])
    .where('id', '=', workspaceId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** Locks the workspace, and with it who its members are, for the rest of the transaction. */
export async function lockWorkspace(tx: Database, workspaceId: string): Promise<void> {
  // FOR UPDATE would also stop inserts that refer to the workspace, such as new boards.
  await idOf(tx, workspaceId).forNoKeyUpdate().execute()
}

/** Keeps the members of the workspace as they are until the transaction ends. */
export async function holdWorkspace(tx: Database, workspaceId: string): Promise<void> {
  // Several may hold it at a time; a change of the workspace or its members waits for all of them.
  await idOf(tx, workspaceId).forShare().execute()
}

/** A page of a person's workspaces. */
export async function listWorkspaces(
  db: Database,
  userId: string,
  { q, sort, ...page }: KeysetPage & { q: string; sort: WorkspaceSort },
): Promise<(WorkspaceRow & { folded_name: string })[]> {
  const direction = sort.startsWith('-') ? 'desc' : 'asc'
  const byCreation = byTime('workspaces.created_at', 'workspaces.id', direction)
  // The database's idea of lower case, because a cursor goes back to it.
  const foldedName = sql<string>`lower(name)`
  const order: KeysetOrder = sort.endsWith('name')
    ? { ...byCreation, column: foldedName, type: 'text' }
    : byCreation
  const found = membershipsOf(db, userId)
    .select(foldedName.as('folded_name'))
    .where('name', 'ilike', containing(q))
  const rows = await pageOf(found, page, order).execute()
  return rows.map((row) => ({ ...row, ...NO_KEY }))
}

/** Changes the workspace's own columns; every call makes a new version. */
export async function updateWorkspace(
  tx: Database,
  workspaceId: string,
  changes: {
    name?: string | undefined
    guests?: GuestSetting | undefined
    owner_id?: string
    max_boards?: number | null
    max_storage_bytes?: number | null
    max_asset_bytes?: number | null
  },
): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set((eb) => ({ ...changes, version: eb('version', '+', 1), updated_at: sql<Date>`now()` }))
    .where('id', '=', workspaceId)
    .execute()
}

/**
 * Locks the boards of a workspace, and with them who comes to them by links.
 * @returns the boards to which guests have come
 */
export async function lockBoardsWithGuests(tx: Database, workspaceId: string): Promise<string[]> {
  await tx
    .selectFrom('boards')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .orderBy('id')
    .forUpdate()
    .execute()
  const rows = await tx
    .selectFrom('link_grants')
    .innerJoin('boards', 'boards.id', 'board_id')
    .select('board_id')
    .distinct()
    .where('workspace_id', '=', workspaceId)
    .where('as_guest', '=', true)
    .execute()
  return rows.map((row) => row.board_id)
}

/** Hides the workspace and puts its boards into the trash; their versions are the caller's to raise. */
export async function deleteWorkspace(
  tx: Database,
  workspaceId: string,
  userId: string,
): Promise<void> {
  const deleted_at = sql<Date>`now()`
  await tx
    .updateTable('boards')
    .set({ deleted_at, deleted_by: userId })
    .where('workspace_id', '=', workspaceId)
    .where('deleted_at', 'is', null)
    .execute()
  await tx
    .updateTable('workspaces')
    .set((eb) => ({ deleted_at, version: eb('version', '+', 1) }))
    .where('id', '=', workspaceId)
    .execute()
}

function idOf(tx: Database, workspaceId: string) {
  return tx.selectFrom('workspaces').select('id').where('id', '=', workspaceId)
}

function membershipsOf(db: Database, userId: string) {
  return db
    .selectFrom('workspaces')
    .innerJoin('workspace_members', 'workspace_members.workspace_id', 'workspaces.id')
    .select([...WORKSPACE_COLUMNS, 'role'])
    .where('workspace_members.user_id', '=', userId)
    .where('workspaces.deleted_at', 'is', null)
}

async function insertOwner(db: Database, workspaceId: string, userId: string): Promise<void> {
  await db
    .insertInto('workspace_members')
    .values({ workspace_id: workspaceId, user_id: userId, role: 'owner' })
    .execute()
}
