import type { BoardRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { MemberGrants } from '../boards/policy.ts'
import type { Database } from '../db/database.ts'
import { exists } from '../db/exists.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import { foldedEmail } from '../users/email.ts'
import type { InviteState } from './schemas.ts'

/** A row of `board_invites`, without the hash of its token. */
export interface InviteRow {
  id: string
  board_id: string
  role: BoardRole
  email: string | null
  max_uses: number | null
  uses: number
  expires_at: Date
  revoked_at: Date | null
  created_by: string
  created_at: Date
  state: InviteState
}

/** An invite with what its inviter was given on the board. */
export type InviteWithGrants = InviteRow & MemberGrants

/** An invite as its link finds it. */
export interface FoundInvite extends InviteWithGrants {
  workspaceId: string
  boardName: string
  workspaceName: string
  inviterName: string | null
  inviterEmail: string | null
  /** The board is in the trash, or its workspace deleted. */
  isBoardGone: boolean
}

/** By the database's clock, like everything that is compared with `expires_at`. */
const STATE = sql<InviteState>`CASE
  WHEN board_invites.revoked_at IS NOT NULL THEN 'revoked'
  WHEN board_invites.uses >= board_invites.max_uses THEN 'exhausted'
  WHEN board_invites.expires_at <= now() THEN 'expired'
  ELSE 'open'
END`

/** What is read of an invite: everything but the hash of its token. */
export const INVITE_COLUMNS = [
  'board_invites.id',
  'board_invites.board_id',
  'board_invites.role',
  'board_invites.email',
  'max_uses',
  'uses',
  'expires_at',
  'revoked_at',
  'board_invites.created_by',
  'board_invites.created_at',
  STATE.as('state'),
] as const

/** Creates an invite; it is found by the hash of its token, which is all that is kept of it. */
export function insertInvite(
  db: Database,
  invite: {
    boardId: string
    tokenHash: string
    role: BoardRole
    email: string | null
    maxUses: number | null
    expiresInSeconds: number
    createdBy: string
  },
): Promise<InviteRow> {
  return db
    .insertInto('board_invites')
    .values({
      board_id: invite.boardId,
      token: invite.tokenHash,
      role: invite.role,
      email: invite.email,
      max_uses: invite.maxUses,
      expires_at: sql<Date>`statement_timestamp() + make_interval(secs => ${invite.expiresInSeconds})`,
      created_by: invite.createdBy,
      // The transaction may have begun before it had the lock of the board, see `recordReduction`.
      created_at: sql<Date>`statement_timestamp()`,
    })
    .returning(INVITE_COLUMNS)
    .executeTakeFirstOrThrow()
}

/** A board's invites, newest first. */
export function listInvites(db: Database, boardId: string, page: KeysetPage): Promise<InviteRow[]> {
  const ofBoard = db
    .selectFrom('board_invites')
    .select(INVITE_COLUMNS)
    .where('board_id', '=', boardId)
  return pageOf(ofBoard, page, byTime('created_at', 'id', 'desc')).execute()
}

/** One of a board's invites. */
export function findInvite(
  db: Database,
  invite: { boardId: string; inviteId: string },
): Promise<InviteRow | undefined> {
  return db
    .selectFrom('board_invites')
    .select(INVITE_COLUMNS)
    .where('id', '=', invite.inviteId)
    .where('board_id', '=', invite.boardId)
    .executeTakeFirst()
}

/** The invite of a link. */
export function findInviteByToken(
  db: Database,
  tokenHash: string,
): Promise<FoundInvite | undefined> {
  return invitesWithGrants(db)
    .innerJoin('workspaces', 'workspaces.id', 'boards.workspace_id')
    .innerJoin('users', 'users.id', 'board_invites.created_by')
    .select([
      'boards.workspace_id as workspaceId',
      'boards.name as boardName',
      'workspaces.name as workspaceName',
      'users.name as inviterName',
      'users.email as inviterEmail',
      sql<boolean>`boards.deleted_at IS NOT NULL OR workspaces.deleted_at IS NOT NULL`.as(
        'isBoardGone',
      ),
    ])
    .where('board_invites.token', '=', tokenHash)
    .executeTakeFirst()
}

/** Open invites that a person made, to one board or to all of a workspace. */
export function listOpenInvitesOf(
  db: Database,
  { userId, workspaceId, boardId }: { userId: string; workspaceId: string; boardId?: string },
): Promise<InviteWithGrants[]> {
  return invitesWithGrants(db)
    .where('board_invites.created_by', '=', userId)
    .where(STATE, '=', 'open')
    .where('boards.workspace_id', '=', workspaceId)
    .$if(boardId !== undefined, (query) => query.where('boards.id', '=', boardId as string))
    .execute()
}

/**
 * Open invites that a person could accept, to one board or to all of a workspace: those for anyone
 * with the link, and those for their email.
 */
export function listOpenInvitesFor(
  db: Database,
  { userId, workspaceId, boardId }: { userId: string; workspaceId: string; boardId?: string },
): Promise<{ id: string; board_id: string }[]> {
  return db
    .selectFrom('board_invites')
    .innerJoin('boards', 'boards.id', 'board_invites.board_id')
    .select(['board_invites.id', 'board_id'])
    .where(STATE, '=', 'open')
    .where('boards.workspace_id', '=', workspaceId)
    .where((eb) =>
      eb.or([
        eb('board_invites.email', 'is', null),
        eb('board_invites.email', '=', (sub) =>
          sub.selectFrom('users').select(foldedEmail.as('email')).where('users.id', '=', userId),
        ),
      ]),
    )
    .$if(boardId !== undefined, (query) => query.where('boards.id', '=', boardId as string))
    .execute()
}

/** The invites to a board that are open. */
export function listOpenInvites(
  db: Database,
  boardId: string,
): Promise<{ id: string; board_id: string }[]> {
  return db
    .selectFrom('board_invites')
    .select(['id', 'board_id'])
    .where('board_id', '=', boardId)
    .where(STATE, '=', 'open')
    .execute()
}

/** How many invites to a board are open. */
export async function countOpenInvites(db: Database, boardId: string): Promise<number> {
  const { count } = await db
    .selectFrom('board_invites')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('board_id', '=', boardId)
    .where(STATE, '=', 'open')
    .executeTakeFirstOrThrow()
  return count
}

/**
 * The invite of a link, after locking the board that it leads to, as everything does first that
 * changes who is on a board.
 */
export async function findInviteOnLockedBoard(
  tx: Database,
  tokenHash: string,
): Promise<FoundInvite | undefined> {
  // Two statements: the one that acquires the lock reads everything else as it was before.
  await tx
    .selectFrom('boards')
    .innerJoin('board_invites', 'board_invites.board_id', 'boards.id')
    .select('boards.id')
    .where('board_invites.token', '=', tokenHash)
    .forUpdate('boards')
    .execute()
  return findInviteByToken(tx, tokenHash)
}

/**
 * Takes one of an open invite's seats: one conditional update, so that as many get a seat as there
 * are, however many try.
 *
 * @returns whether there was one
 */
export async function takeSeat(tx: Database, inviteId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('board_invites')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where('id', '=', inviteId)
    .where(STATE, '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Revokes invites, except those that are revoked. @returns how many there were */
export async function revokeInvites(tx: Database, inviteIds: string[]): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('board_invites')
    .set({ revoked_at: sql<Date>`now()` })
    .where((eb) => eb('id', '=', eb.fn.any(eb.val(inviteIds))))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Gives a person the role that an invite grants, in place of a weaker one they may have. */
export async function grantInvitedRole(
  tx: Database,
  invite: InviteRow,
  userId: string,
): Promise<void> {
  await tx
    .insertInto('board_members')
    .values({
      board_id: invite.board_id,
      user_id: userId,
      role: invite.role,
      invited_by: invite.created_by,
    })
    .onConflict((conflict) =>
      conflict.columns(['board_id', 'user_id']).doUpdateSet({ role: invite.role }),
    )
    .execute()
}

/** Whether this folded email is the person's, and verified. */
export function hasVerifiedEmail(db: Database, userId: string, email: string): Promise<boolean> {
  return exists(
    db
      .selectFrom('users')
      .select('id')
      .where('id', '=', userId)
      .where('email_verified', '=', true)
      .where(foldedEmail, '=', email),
  )
}

function invitesWithGrants(db: Database) {
  return db
    .selectFrom('board_invites')
    .innerJoin('boards', 'boards.id', 'board_invites.board_id')
    .leftJoin('workspace_members', (join) =>
      join
        .onRef('workspace_members.workspace_id', '=', 'boards.workspace_id')
        .onRef('workspace_members.user_id', '=', 'board_invites.created_by'),
    )
    .leftJoin('board_members', (join) =>
      join
        .onRef('board_members.board_id', '=', 'boards.id')
        .onRef('board_members.user_id', '=', 'board_invites.created_by'),
    )
    .select([
      ...INVITE_COLUMNS,
      'workspace_members.role as workspaceRole',
      'board_members.role as boardRole',
    ])
}
