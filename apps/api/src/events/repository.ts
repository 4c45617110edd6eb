import type { EventType } from '@mindfuse/internal'
import type { BoardRole, WorkspaceRole } from '@mindfuse/protocol'
import { type ExpressionBuilder, type NotNull, sql } from 'kysely'
import type { BoardMemberRow } from '../board-members/repository.ts'
import type { GrantColumns } from '../boards/access.ts'
import { BOARD_COLUMNS, type BoardRow } from '../boards/repository.ts'
import type { Database } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import { INVITE_COLUMNS, type InviteRow } from '../invites/repository.ts'
import type { MemberRow } from '../workspace-members/repository.ts'
import {
  type ViewerColumns,
  WORKSPACE_COLUMNS,
  type WorkspaceRow,
} from '../workspaces/repository.ts'

/** A change of the outbox that has its number. */
export interface OutboxRow {
  seq: number
  /** One that a newer API wrote may be none of these. */
  type: EventType
  workspaceId: string | null
  boardId: string | null
  userId: string | null
  /** What it was done to; null in rows that are older than this column. */
  targetId: string | null
  /** People who were on boards themselves that this change deleted. */
  formerMembers: string[]
  /** Boards on which the access of some people may have changed. */
  accessBoardIds: string[]
  /** Sessions that ended. */
  sessionIds: string[]
  createdAt: Date
}

/** A board apart from what one person may do on it. */
export type WatchedBoardRow = Omit<BoardRow, keyof GrantColumns> & {
  /** Whether the board or its workspace lies in the trash. */
  is_gone: boolean
}

/** The number of the newest change; 0 where there is none. */
export async function newestSeq(db: Database): Promise<number> {
  const { newest } = await db
    .selectFrom('events')
    .select((eb) => eb.fn.max('seq').as('newest'))
    .executeTakeFirstOrThrow()
  return newest ?? 0
}

/** Changes after a number, in order. */
export async function readAfter(db: Database, seq: number, limit: number): Promise<OutboxRow[]> {
  const rows = await outbox(db).where('seq', '>', seq).orderBy('seq').limit(limit).execute()
  return rows.map(toOutboxRow)
}

/** Changes that one person may have missed, and whether all of them are still there. */
export async function readMissed(
  db: Database,
  missed: {
    /** The last change that they know of. */
    after: number
    until: number
    userId: string
    workspaceId: string | undefined
    limit: number
  },
): Promise<{ rows: OutboxRow[]; areAllKept: boolean }> {
  const { after, until, userId, workspaceId, limit } = missed
  const rows = await outbox(db)
    .where('seq', '>', after)
    .where('seq', '<=', until)
    .where(concerning(userId))
    .$if(workspaceId !== undefined, (query) =>
      query.where((eb) =>
        eb.or([eb('workspace_id', '=', workspaceId as string), eb('workspace_id', 'is', null)]),
      ),
    )
    .orderBy('seq')
    .limit(limit)
    .execute()
  // After the rows: what is still there now was there when they were read.
  const { oldest, newest } = await db
    .selectFrom('events')
    .select((eb) => [eb.fn.min('seq').as('oldest'), eb.fn.max('seq').as('newest')])
    .executeTakeFirstOrThrow()
  const areAllKept = oldest !== null && after >= oldest - 1 && after <= (newest ?? 0)
  return { rows: rows.map(toOutboxRow), areAllKept }
}

/** Whether a change is in a workspace or on a board of this person's, or about them. */
function concerning(userId: string) {
  return (eb: ExpressionBuilder<Schema, 'events'>) =>
    eb.or([
      eb('workspace_id', 'in', (sub) =>
        sub
          .selectFrom('workspace_members')
          .select('workspace_members.workspace_id')
          .where('workspace_members.user_id', '=', userId),
      ),
      eb('board_id', 'in', (sub) =>
        sub
          .selectFrom('board_members')
          .select('board_members.board_id')
          .where('board_members.user_id', '=', userId),
      ),
      eb('user_id', '=', userId),
      eb('former_members', '@>', sql<string[]>`ARRAY[${userId}]::uuid[]`),
      // A deleted user may have created boards in this user's workspaces.
      eb('type', '=', 'user.deleted'),
    ])
}

/** Boards as they are now, those in the trash included. */
export function readBoards(db: Database, ids: readonly string[]): Promise<WatchedBoardRow[]> {
  return db
    .selectFrom('boards')
    .innerJoin('workspaces', 'workspaces.id', 'boards.workspace_id')
    .select([
      ...BOARD_COLUMNS,
      sql<boolean>`boards.deleted_at IS NOT NULL OR workspaces.deleted_at IS NOT NULL`.as(
        'is_gone',
      ),
    ])
    .where((eb) => eb('boards.id', '=', eb.fn.any(eb.val([...ids]))))
    .execute()
}

/** Workspaces as they are now, without those that were deleted. */
export function readWorkspaces(
  db: Database,
  ids: readonly string[],
): Promise<Omit<WorkspaceRow, ViewerColumns>[]> {
  return db
    .selectFrom('workspaces')
    .select(WORKSPACE_COLUMNS)
    .where('deleted_at', 'is', null)
    .where((eb) => eb('id', '=', eb.fn.any(eb.val([...ids]))))
    .execute()
}

/** Who of these people is in which of these workspaces, with what their lists show of them. */
export function readWorkspaceMembers(
  db: Database,
  workspaceIds: readonly string[],
  userIds: readonly string[],
): Promise<(MemberRow & { workspace_id: string })[]> {
  return (
    db
      .selectFrom('workspace_members')
      .innerJoin('users', 'users.id', 'user_id')
      .select(['workspace_id', 'user_id', 'email', 'name', 'avatar_url', 'role', 'joined_at'])
      // Only people are members of workspaces.
      .$narrowType<{ email: NotNull }>()
      .where((eb) => eb('workspace_id', '=', eb.fn.any(eb.val([...workspaceIds]))))
      .where((eb) => eb('user_id', '=', eb.fn.any(eb.val([...userIds]))))
      .execute()
  )
}

/** Who of these people is on which of these boards, with what their lists show of them. */
export function readBoardMembers(
  db: Database,
  boardIds: readonly string[],
  userIds: readonly string[],
): Promise<(BoardMemberRow & { board_id: string })[]> {
  return db
    .selectFrom('board_members')
    .innerJoin('users', 'users.id', 'user_id')
    .select([
      'board_id',
      'user_id',
      'email',
      'name',
      'avatar_url',
      'role',
      'invited_by',
      'joined_at',
    ])
    .where((eb) => eb('board_id', '=', eb.fn.any(eb.val([...boardIds]))))
    .where((eb) => eb('user_id', '=', eb.fn.any(eb.val([...userIds]))))
    .execute()
}

/** Invites as they are now. */
export function readInvites(db: Database, ids: readonly string[]): Promise<InviteRow[]> {
  return db
    .selectFrom('board_invites')
    .select(INVITE_COLUMNS)
    .where((eb) => eb('id', '=', eb.fn.any(eb.val([...ids]))))
    .execute()
}

/** People who have a role in a workspace or on a board. */
export interface RoleRow<Role> {
  /** The workspace or board. */
  thing: string
  role: Role
  /** Ids, separated by commas: thousands of rows take longer to be read than one text. */
  people: string
}

/** The roles that these people have in workspaces. */
export const readWorkspaceRoles = readRoles<WorkspaceRole>('workspace_members', 'workspace_id')

/** The roles that these people were given on boards themselves. */
export const readBoardRoles = readRoles<BoardRole>('board_members', 'board_id')

function readRoles<Role>(table: string, thing: string) {
  return async (
    db: Database,
    things: readonly string[],
    userIds: Iterable<string>,
  ): Promise<RoleRow<Role>[]> => {
    const { rows } = await sql<RoleRow<Role>>`
      SELECT ${sql.ref(thing)} AS thing, role, string_agg(user_id::text, ',') AS people
      FROM ${sql.table(table)}
      WHERE ${sql.ref(thing)} = ANY (${[...things]}::uuid[]) AND user_id = ${anyOf(userIds)}
      GROUP BY ${sql.ref(thing)}, role`.execute(db)
    return rows
  }
}

/** As one text: the driver takes its time over an array of thousands. */
function anyOf(userIds: Iterable<string>) {
  return sql<string>`ANY (${`{${[...userIds].join()}}`}::uuid[])`
}

function outbox(db: Database) {
  return db
    .selectFrom('events')
    .select([
      'seq',
      'type',
      'workspace_id',
      'board_id',
      'user_id',
      'target_id',
      'former_members',
      'data',
      'created_at',
    ])
}

type SelectedRow = Awaited<ReturnType<ReturnType<typeof outbox>['execute']>>[number]

function toOutboxRow(row: SelectedRow): OutboxRow {
  const { access = [], sessions = [] } = row.data
  return {
    seq: row.seq ?? 0,
    type: row.type,
    workspaceId: row.workspace_id,
    boardId: row.board_id,
    userId: row.user_id,
    targetId: row.target_id,
    formerMembers: row.former_members ?? [],
    accessBoardIds: access.map(({ boardId }) => boardId),
    sessionIds: sessions,
    createdAt: row.created_at,
  }
}
