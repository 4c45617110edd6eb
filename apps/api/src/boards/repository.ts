import type { BoardRole, KeyScope, WorkspaceRole } from '@mindfuse/protocol'
import { type RawBuilder, sql, type UpdateObject } from 'kysely'
import { toDigest } from '../assets/repository.ts'
import type { Database } from '../db/database.ts'
import { containing, type KeysetPage, pageOf } from '../db/keyset.ts'
import { type PreparedFirst, preparedFirst } from '../db/prepared.ts'
import type { Schema } from '../db/schema.ts'
import type { BoardOrder } from './order.ts'
import type { BoardGrants, BoardSettings, LinkGrant } from './policy.ts'

/** A board with what one person was given on it. */
export interface BoardRow {
  id: string
  workspace_id: string
  name: string
  thumbnail_url: string | null
  /** Of the thumbnail that counts in place of `thumbnail_url`, in hexadecimal digits. */
  thumbnail_digest: string | null
  viewers_can_broadcast: boolean
  created_by: string | null
  created_at: Date
  updated_at: Date
  deleted_at: Date | null
  version: number
  workspace_role: WorkspaceRole | null
  board_role: BoardRole | null
  link_role: LinkGrant | null
  key_scopes: KeyScope[] | null
}

/** The columns of a board that do not depend on the person. */
export const BOARD_COLUMNS = [
  'boards.id',
  'boards.workspace_id',
  'boards.name',
  'thumbnail_url',
  sql<string | null>`(
    SELECT encode(digest, 'hex') FROM board_thumbnails WHERE board_id = boards.id
  )`.as('thumbnail_digest'),
  'viewers_can_broadcast',
  'created_by',
  'boards.created_at',
  'boards.updated_at',
  'boards.deleted_at',
  'boards.version',
] as const

/** A board in a list. */
export interface ListedBoardRow extends BoardRow {
  /** The name as lists are sorted by it. */
  folded_name: string
  deleted_by: string | null
}

/**
 * Creates a board without a document. Its creator is its owner, but for a key, which is no member: what it
 * creates belongs to the workspace alone.
 */
export async function insertBoard(
  tx: Database,
  board: {
    workspaceId: string
    name: string
    thumbnailUrl?: string | null
    viewersCanBroadcast?: boolean
    createdBy: string
    hasOwner: boolean
    externalKey?: string
  },
): Promise<string> {
  const { id } = await tx
    .insertInto('boards')
    .values({
      workspace_id: board.workspaceId,
      name: board.name,
      thumbnail_url: board.thumbnailUrl ?? null,
      viewers_can_broadcast: board.viewersCanBroadcast ?? true,
      created_by: board.createdBy,
      external_key: board.externalKey ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (!board.hasOwner) return id
  await tx
    .insertInto('board_members')
    .values({ board_id: id, user_id: board.createdBy, role: 'owner' })
    .execute()
  return id
}

/** Class of the advisory locks under which boards with keys of products are made ("mfek"). */
const EXTERNAL_KEY_LOCK = 0x6d66656b

/** Lets one transaction at a time find or make the board that a product calls so. */
export async function lockExternalKey(
  tx: Database,
  workspaceId: string,
  externalKey: string,
): Promise<void> {
  const key = `${workspaceId} ${externalKey}`
  await sql`SELECT pg_advisory_xact_lock(${EXTERNAL_KEY_LOCK}, hashtext(${key}))`.execute(tx)
}

/** The board that a product calls so, in the trash or not. */
export function findByExternalKey(
  db: Database,
  workspaceId: string,
  externalKey: string,
): Promise<{ id: string; deleted_at: Date | null } | undefined> {
  return db
    .selectFrom('boards')
    .select(['id', 'deleted_at'])
    .where('workspace_id', '=', workspaceId)
    .where('external_key', '=', externalKey)
    .executeTakeFirst()
}

/** Gives a new board its document: an empty one. */
export async function insertDocument(tx: Database, boardId: string): Promise<void> {
  await tx.insertInto('board_documents').values({ board_id: boardId }).execute()
}

/**
 * Gives a new board a copy of another's document, as it is stored at this moment.
 * @returns false where the other board is gone
 */
export async function copyDocument(
  tx: Database,
  copy: { from: string; to: string },
): Promise<boolean> {
  // Storing and compacting write this row: until the copy is whole, neither goes on.
  const source = await tx
    .selectFrom('board_documents')
    .select('board_id')
    .where('board_id', '=', copy.from)
    .forShare()
    .executeTakeFirst()
  if (!source) return false
  await sql`
    INSERT INTO board_documents
      (board_id, seq, snapshot, snapshot_seq, tail_bytes, tombstone_share, compacted_at, damaged_at)
    SELECT ${copy.to}, seq, snapshot, snapshot_seq, tail_bytes, tombstone_share, compacted_at,
      damaged_at
    FROM board_documents WHERE board_id = ${copy.from}`.execute(tx)
  await sql`
    INSERT INTO board_updates (board_id, seq, user_id, update, created_at)
    SELECT ${copy.to}, seq, user_id, update, created_at
    FROM board_updates WHERE board_id = ${copy.from}`.execute(tx)
  return true
}

type FindOfPerson<Row> = PreparedFirst<'boardId' | 'userId', Row>

/** The board, also from the trash, with the person's grants, which may be none. */
export const findBoard: FindOfPerson<BoardRow> = preparedFirst(
  ['boardId', 'userId'],
  (db, { boardId, userId }) => boardsSeenBy(db, userId).where('boards.id', '=', boardId),
)

/** What decides about a person's access to a board, and nothing else of it. */
interface BoardGrantRow extends BoardGrants, BoardSettings {
  accessVersion: number
  /** Whether the board or its workspace is in the trash. */
  isTrashed: boolean
}

/** What one person was given on a board; undefined for a board that does not exist. */
export const findGrants: FindOfPerson<BoardGrantRow> = preparedFirst(
  ['boardId', 'userId'],
  (db, { boardId, userId }) =>
    grantsOf(db, userId)
      .where('boards.id', '=', boardId)
      .select((eb) => [
        'access_version as accessVersion',
        'viewers_can_broadcast as viewersCanBroadcast',
        'workspace_members.role as workspaceRole',
        'board_members.role as boardRole',
        linkRole(placesOf(userId)).as('linkRole'),
        keyScopes(placesOf(userId)).as('keyScopes'),
        eb
          .or([
            eb('boards.deleted_at', 'is not', null),
            eb('workspaces.deleted_at', 'is not', null),
          ])
          .$castTo<boolean>()
          .as('isTrashed'),
      ]),
)

/** A page of a workspace's boards, outside the trash or in it. */
export function listBoards(
  db: Database,
  list: {
    workspaceId: string
    userId: string
    isTrash: boolean
    order: BoardOrder
    /** Part of the name. */
    q: string
    /** Null for all. */
    boardIds: string[] | null
  },
  page: KeysetPage,
): Promise<ListedBoardRow[]> {
  const boards = boardsSeenBy(db, list.userId)
    .select(['boards.deleted_by', sql<string>`lower(boards.name)`.as('folded_name')])
    .where('boards.workspace_id', '=', list.workspaceId)
    .where('boards.deleted_at', list.isTrash ? 'is not' : 'is', null)
    .where('boards.name', 'ilike', containing(list.q))
    .$if(list.boardIds !== null, (query) =>
      query.where((eb) => eb('boards.id', '=', eb.fn.any(eb.val(list.boardIds ?? [])))),
    )
  return pageOf(boards, page, list.order).execute()
}

/** Boards of a workspace, outside the trash, that have some of these files; so many of them at most. */
export function listBoardsWithAssets(
  db: Database,
  list: { workspaceId: string; userId: string; digests: readonly string[]; limit: number },
): Promise<BoardRow[]> {
  return boardsSeenBy(db, list.userId)
    .where('boards.workspace_id', '=', list.workspaceId)
    .where('boards.deleted_at', 'is', null)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('board_assets')
          .select('digest')
          .whereRef('board_assets.board_id', '=', 'boards.id')
          .where('digest', '=', eb.fn.any(eb.val(list.digests.map(toDigest)))),
      ),
    )
    .limit(list.limit)
    .execute()
}

/** The boards outside the trash that a person sees, those changed last first, and how many there are. */
export async function listVisibleBoards(
  db: Database,
  list: { userId: string; workspaceId: string | undefined; limit: number },
): Promise<{ rows: BoardRow[]; total: number }> {
  const { userId, workspaceId } = list
  // By what they were given: asking each board whether they see it would read all boards there are.
  const given = db
    .selectFrom('boards as shared')
    .innerJoin('workspace_members as membership', 'membership.workspace_id', 'shared.workspace_id')
    .select('shared.id')
    .where('membership.user_id', '=', userId)
    .unionAll(
      db
        .selectFrom('board_members as direct')
        .select('direct.board_id as id')
        .where('direct.user_id', '=', userId),
    )
  const rows = await boardsSeenBy(db, userId)
    .select(sql<number>`count(*) OVER ()`.as('total'))
    .where('boards.id', 'in', given)
    .where('boards.deleted_at', 'is', null)
    .$if(workspaceId !== undefined, (query) =>
      query.where('boards.workspace_id', '=', workspaceId as string),
    )
    .orderBy('boards.updated_at', 'desc')
    .orderBy('boards.id', 'desc')
    .limit(list.limit)
    .execute()
  return { rows, total: rows[0]?.total ?? 0 }
}

/** Boards with their workspace, and with what one person was given on both. */
function grantsOf(db: Database, userId: string) {
  return db
    .selectFrom('boards')
    .innerJoin('workspaces', 'workspaces.id', 'boards.workspace_id')
    .leftJoin('workspace_members', (join) =>
      join
        .onRef('workspace_members.workspace_id', '=', 'boards.workspace_id')
        .on('workspace_members.user_id', '=', userId),
    )
    .leftJoin('board_members', (join) =>
      join
        .onRef('board_members.board_id', '=', 'boards.id')
        .on('board_members.user_id', '=', userId),
    )
}

function boardsSeenBy(db: Database, userId: string) {
  return grantsOf(db, userId)
    .where('workspaces.deleted_at', 'is', null)
    .select([
      ...BOARD_COLUMNS,
      'workspace_members.role as workspace_role',
      'board_members.role as board_role',
      linkRole(placesOf(userId)).as('link_role'),
      keyScopes(placesOf(userId)).as('key_scopes'),
    ])
}

/** Where a query has a user, a board, and what the user was given on it as a member. */
export interface GrantPlaces {
  userId: RawBuilder<unknown>
  boardId: RawBuilder<unknown>
  workspaceId: RawBuilder<unknown>
  workspaceRole: RawBuilder<unknown>
  boardRole: RawBuilder<unknown>
}

/** The most that links give, which is looked for where it could be more than the member's. */
export function linkRole({ userId, boardId, workspaceRole, boardRole }: GrantPlaces) {
  return sql<LinkGrant | null>`CASE
    WHEN ${workspaceRole} IS NULL AND (${boardRole} IN ('commenter', 'viewer')) IS NOT FALSE
    THEN link_role(${userId}, ${boardId}) END`
}

/** What a key may do; keys are no members. */
export function keyScopes(places: GrantPlaces) {
  const { userId, boardId, workspaceId, workspaceRole, boardRole } = places
  return sql<KeyScope[] | null>`CASE
    WHEN ${workspaceRole} IS NULL AND ${boardRole} IS NULL
    THEN key_scopes(${userId}, ${boardId}, ${workspaceId}) END`
}

/** Those of {@link grantsOf}. */
const placesOf = (userId: string): GrantPlaces => ({
  userId: sql`${userId}::uuid`,
  boardId: sql.ref('boards.id'),
  workspaceId: sql.ref('boards.workspace_id'),
  workspaceRole: sql.ref('workspace_members.role'),
  boardRole: sql.ref('board_members.role'),
})

/** Locks the board, and with it its members, until the transaction ends. */
export async function lockBoard(tx: Database, boardId: string): Promise<void> {
  await tx.selectFrom('boards').select('id').where('id', '=', boardId).forUpdate().execute()
}

/** Changes a board's row, which makes it a new version of the board. */
export async function updateBoard(
  tx: Database,
  boardId: string,
  values: UpdateObject<Schema, 'boards'>,
): Promise<void> {
  await tx
    .updateTable('boards')
    .set((eb) => ({ ...values, version: eb('version', '+', 1) }))
    .where('id', '=', boardId)
    .execute()
}

/** How often a board that is drawn on is touched at most: its row is in the indexes that lists are read by. */
const TOUCH_PRECISION = sql`interval '1 minute'`

/**
 * Makes boards count as updated now, unless they do since less than a minute. It waits for nobody: a row that something
 * else holds is left as it is.
 */
export async function touchBoards(db: Database, boardIds: readonly string[]): Promise<void> {
  await sql`
    UPDATE boards SET updated_at = now() WHERE id IN (
      SELECT id FROM boards
      WHERE id = ANY (${boardIds}::uuid[])
        AND deleted_at IS NULL
        AND updated_at < now() - ${TOUCH_PRECISION}
      FOR NO KEY UPDATE SKIP LOCKED
    )`.execute(db)
}

/** Takes off a board what `PATCH` gave it as a picture; no version of it, as thumbnails are none. */
export async function clearThumbnailUrl(tx: Database, boardId: string): Promise<void> {
  await tx.updateTable('boards').set({ thumbnail_url: null }).where('id', '=', boardId).execute()
}

/** Deletes a board with everything that hangs on it. @returns who was on the board itself */
export async function deleteBoard(tx: Database, boardId: string): Promise<string[]> {
  const members = await tx
    .deleteFrom('board_members')
    .where('board_id', '=', boardId)
    .returning('user_id')
    .execute()
  await tx.deleteFrom('boards').where('id', '=', boardId).execute()
  return members.map((member) => member.user_id)
}
