import type { LinkRole } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { LinkGrant, MemberGrants } from '../boards/policy.ts'
import type { Database } from '../db/database.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import type { LinkState } from './schemas.ts'

/** A row of `board_links`, without the hash of its token. */
export interface LinkRow {
  id: string
  board_id: string
  role: LinkRole
  label: string | null
  password: string | null
  expires_at: Date | null
  revoked_at: Date | null
  uses: number
  last_opened_at: Date | null
  created_by: string
  created_at: Date
  state: LinkState
}

/** A link and its workspace. */
export type PlacedLink = LinkRow & { workspaceId: string }

/** A link with what its maker was given on the board. */
export type LinkWithGrants = PlacedLink & MemberGrants

/** A link as its token finds it. */
export interface FoundLink extends LinkWithGrants {
  boardName: string
  makerName: string | null
  makerEmail: string | null
  isMakerDisabled: boolean
  /** The board is in the trash, or its workspace deleted. */
  isBoardGone: boolean
}

/** By the database's clock, like everything that is compared with `expires_at`. */
const STATE = sql<LinkState>`CASE
  WHEN board_links.revoked_at IS NOT NULL THEN 'revoked'
  WHEN board_links.expires_at <= now() THEN 'expired'
  ELSE 'open'
END`

const LINK_COLUMNS = [
  'board_links.id',
  'board_links.board_id',
  'board_links.role',
  'label',
  'password',
  'expires_at',
  'revoked_at',
  'uses',
  'last_opened_at',
  'board_links.created_by',
  'board_links.created_at',
  STATE.as('state'),
] as const

/** Creates a link; it is found by the hash of its token, which is all that is kept of it. */
export function insertLink(
  tx: Database,
  link: {
    boardId: string
    tokenHash: string
    role: LinkRole
    label: string | null
    password: string | null
    expiresAt: Date | null
    createdBy: string
  },
): Promise<LinkRow> {
  return tx
    .insertInto('board_links')
    .values({
      board_id: link.boardId,
      token: link.tokenHash,
      role: link.role,
      label: link.label,
      password: link.password,
      expires_at: link.expiresAt,
      created_by: link.createdBy,
      // The transaction may have begun before it had the lock of the board, see `recordReduction`.
      created_at: sql<Date>`statement_timestamp()`,
    })
    .returning(LINK_COLUMNS)
    .executeTakeFirstOrThrow()
}

/** A board's links, newest first. */
export function listLinks(db: Database, boardId: string, page: KeysetPage): Promise<LinkRow[]> {
  const ofBoard = db.selectFrom('board_links').select(LINK_COLUMNS).where('board_id', '=', boardId)
  return pageOf(ofBoard, page, byTime('created_at', 'id', 'desc')).execute()
}

/** How many links to a board are open. */
export async function countOpenLinks(db: Database, boardId: string): Promise<number> {
  const { count } = await db
    .selectFrom('board_links')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('board_id', '=', boardId)
    .where(STATE, '=', 'open')
    .executeTakeFirstOrThrow()
  return count
}

/** One of a board's links. */
export function findLink(
  db: Database,
  link: { boardId: string; linkId: string },
): Promise<PlacedLink | undefined> {
  return placedLinks(db)
    .where('board_links.id', '=', link.linkId)
    .where('board_id', '=', link.boardId)
    .executeTakeFirst()
}

/** The link that has a token. */
export function findLinkByToken(db: Database, tokenHash: string): Promise<FoundLink | undefined> {
  return linksWithGrants(db)
    .innerJoin('workspaces', 'workspaces.id', 'boards.workspace_id')
    .innerJoin('users', 'users.id', 'board_links.created_by')
    .select([
      'boards.name as boardName',
      'users.name as makerName',
      'users.email as makerEmail',
      sql<boolean>`users.disabled_at IS NOT NULL`.as('isMakerDisabled'),
      sql<boolean>`boards.deleted_at IS NOT NULL OR workspaces.deleted_at IS NOT NULL`.as(
        'isBoardGone',
      ),
    ])
    .where('board_links.token', '=', tokenHash)
    .executeTakeFirst()
}

/**
 * The link that has a token, after locking the board that it leads to, as everything does first that
 * changes who is on a board.
 */
export async function findLinkOnLockedBoard(
  tx: Database,
  tokenHash: string,
): Promise<FoundLink | undefined> {
  // Two statements: the one that acquires the lock reads everything else as it was before.
  await tx
    .selectFrom('boards')
    .innerJoin('board_links', 'board_links.board_id', 'boards.id')
    .select('boards.id')
    .where('board_links.token', '=', tokenHash)
    .forUpdate('boards')
    .execute()
  return findLinkByToken(tx, tokenHash)
}

/** Open links to one board, to all of a workspace, or anywhere, and of one maker or of any. */
export function listOpenLinks(
  db: Database,
  of: { createdBy?: string; workspaceId?: string; boardId?: string },
): Promise<LinkWithGrants[]> {
  const { createdBy, workspaceId, boardId } = of
  let links = linksWithGrants(db).where(STATE, '=', 'open')
  if (createdBy !== undefined) links = links.where('board_links.created_by', '=', createdBy)
  if (workspaceId !== undefined) links = links.where('boards.workspace_id', '=', workspaceId)
  if (boardId !== undefined) links = links.where('boards.id', '=', boardId)
  return links.execute()
}

/** Most links whose end is announced at a time. */
const END_BATCH = 100

/** Links that have expired and whose end is not announced yet. */
export function listEndedLinks(db: Database): Promise<PlacedLink[]> {
  return placedLinks(db)
    .where('expires_at', '<=', sql<Date>`now()`)
    .where('end_announced_at', 'is', null)
    .where('revoked_at', 'is', null)
    .orderBy('expires_at')
    .limit(END_BATCH)
    .execute()
}

/** Marks a link as revoked or its end as announced. @returns whether it was neither until now */
export async function markEnded(
  tx: Database,
  linkId: string,
  column: 'revoked_at' | 'end_announced_at',
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('board_links')
    .set({ [column]: sql<Date>`now()` })
    .where('id', '=', linkId)
    .where('revoked_at', 'is', null)
    .where('end_announced_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Takes back what a link gave. @returns whether that was anything */
export async function deleteGrantsOf(tx: Database, linkId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('link_grants')
    .where('link_id', '=', linkId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** What a link gave somebody. */
export async function findGrant(
  db: Database,
  grant: { linkId: string; userId: string },
): Promise<LinkGrant | undefined> {
  const row = await db
    .selectFrom('link_grants')
    .select('role')
    .where('link_id', '=', grant.linkId)
    .where('user_id', '=', grant.userId)
    .executeTakeFirst()
  return row?.role
}

/** Gives somebody what a link gives, in place of what it gave before, and counts them once. */
export async function grantByLink(
  tx: Database,
  link: LinkRow,
  grant: { userId: string; role: LinkGrant; asGuest: boolean; isFirst: boolean },
): Promise<void> {
  const { userId, role, asGuest, isFirst } = grant
  await tx
    .insertInto('link_grants')
    .values({ user_id: userId, board_id: link.board_id, link_id: link.id, role, as_guest: asGuest })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'board_id', 'link_id']).doUpdateSet({ role }),
    )
    .execute()
  await tx
    .updateTable('board_links')
    .set((eb) => ({
      last_opened_at: sql<Date>`now()`,
      ...(isFirst && { uses: eb('uses', '+', 1) }),
    }))
    .where('id', '=', link.id)
    .execute()
}

/** Notes that a link was opened by who had access already, at most once a minute. */
export async function touchLink(db: Database, linkId: string): Promise<void> {
  await db
    .updateTable('board_links')
    .set({ last_opened_at: sql<Date>`now()` })
    .where('id', '=', linkId)
    .where('last_opened_at', '<', sql<Date>`now() - interval '1 minute'`)
    .execute()
}

function placedLinks(db: Database) {
  return db
    .selectFrom('board_links')
    .innerJoin('boards', 'boards.id', 'board_links.board_id')
    .select([...LINK_COLUMNS, 'boards.workspace_id as workspaceId'])
}

function linksWithGrants(db: Database) {
  return placedLinks(db)
    .leftJoin('workspace_members', (join) =>
      join
        .onRef('workspace_members.workspace_id', '=', 'boards.workspace_id')
        .onRef('workspace_members.user_id', '=', 'board_links.created_by'),
    )
    .leftJoin('board_members', (join) =>
      join
        .onRef('board_members.board_id', '=', 'boards.id')
        .onRef('board_members.user_id', '=', 'board_links.created_by'),
    )
    .select(['workspace_members.role as workspaceRole', 'board_members.role as boardRole'])
}
