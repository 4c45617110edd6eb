import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/** How much there is of what a quota counts. */
export interface CountedUsage {
  /** Who owns the workspace; null where the account is deleted. */
  ownerId: string | null
  inWorkspace: number
  /** In all workspaces of the owner but those with a quota of their own. */
  ofPerson: number
  /** The workspace's own quota in place of all others, 0 for no limit; null where it has none. */
  ownLimit: number | null
}

/** How many bytes are stored for a workspace. */
export interface StorageUsage extends CountedUsage {
  workspaceId: string
}

/** What is stored of a board `b`: its document, its versions, and what was put into quarantine. */
export const STORED_OF_BOARD = sql`
  LEFT JOIN board_documents d ON d.board_id = b.id
  LEFT JOIN LATERAL (
    SELECT sum(octet_length(state)) AS bytes FROM board_versions WHERE board_id = b.id
  ) AS v ON true
  LEFT JOIN LATERAL (
    SELECT sum(octet_length(update)) AS bytes FROM quarantined_updates WHERE board_id = b.id
  ) AS q ON true`
/** How much that is, bytes; with {@link STORED_OF_BOARD}. */
export const BYTES_OF_BOARD = sql`
  d.tail_bytes + coalesce(octet_length(d.snapshot), 0) + coalesce(v.bytes, 0) + coalesce(q.bytes, 0)`

/** Counts the boards of a workspace and of its owner, from indexes alone. */
export async function readBoardUsage(db: Database, workspaceId: string): Promise<CountedUsage> {
  const { rows } = await sql<CountedUsage>`
    SELECT w.owner_id AS "ownerId", w.max_boards AS "ownLimit",
      (SELECT count(*) FROM boards WHERE workspace_id = w.id) AS "inWorkspace",
      (SELECT count(*) FROM workspaces o JOIN boards b ON b.workspace_id = o.id
        WHERE o.owner_id = w.owner_id AND o.max_boards IS NULL) AS "ofPerson"
    FROM workspaces w WHERE w.id = ${workspaceId}`.execute(db)
  return rows[0] ?? { ownerId: null, inWorkspace: 0, ofPerson: 0, ownLimit: null }
}

/** Adds up the files of a workspace and of its owner, from indexes alone. */
export async function readAssetUsage(db: Database, workspaceId: string): Promise<CountedUsage> {
  const { rows } = await sql<CountedUsage>`
    SELECT w.owner_id AS "ownerId", w.max_asset_bytes AS "ownLimit",
      (SELECT coalesce(sum(bytes), 0)::bigint FROM assets WHERE workspace_id = w.id)
        AS "inWorkspace",
      (SELECT coalesce(sum(bytes), 0)::bigint
        FROM workspaces o JOIN assets a ON a.workspace_id = o.id
        WHERE o.owner_id = w.owner_id AND o.max_asset_bytes IS NULL) AS "ofPerson"
    FROM workspaces w WHERE w.id = ${workspaceId}`.execute(db)
  return rows[0] ?? { ownerId: null, inWorkspace: 0, ofPerson: 0, ownLimit: null }
}

/** Counts and adds up the files of a board `b`. */
export const ASSETS_OF_BOARD = sql`
  SELECT count(*) AS count, coalesce(sum(assets.bytes), 0)::bigint AS bytes
  FROM board_assets JOIN assets ON assets.id = asset_id WHERE board_id = b.id`

/** How large the files are that boards of a workspace have as copies, and that count for other workspaces. */
export async function readBorrowedBytes(db: Database, workspaceId: string): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    SELECT coalesce(sum(bytes), 0)::bigint AS bytes
    FROM assets a
    WHERE workspace_id <> ${workspaceId} AND id IN (
      SELECT asset_id FROM boards b JOIN board_assets o ON o.board_id = b.id
      WHERE b.workspace_id = ${workspaceId}
    )`.execute(db)
  return rows[0]?.bytes ?? 0
}

/** How many files a board has, and how large they are together. */
export async function readBoardAssets(
  db: Database,
  boardId: string,
): Promise<{ count: number; bytes: number }> {
  const { rows } = await sql<{ count: number; bytes: number }>`
    SELECT files.* FROM (SELECT ${boardId}::uuid AS id) AS b
    CROSS JOIN LATERAL (${ASSETS_OF_BOARD}) AS files`.execute(db)
  return rows[0] ?? { count: 0, bytes: 0 }
}

/** Adds up what is stored of workspaces and of their owners; its bytes are not read. */
export async function readStorageUsage(
  db: Database,
  workspaceIds: readonly string[],
): Promise<StorageUsage[]> {
  const { rows } = await sql<StorageUsage>`
    WITH wanted AS (
      SELECT id, owner_id, max_storage_bytes FROM workspaces
      WHERE id = ANY(${[...workspaceIds]}::uuid[])
    ), concerned AS (
      SELECT id, owner_id, max_storage_bytes FROM wanted
      UNION
      SELECT id, owner_id, max_storage_bytes FROM workspaces
      WHERE owner_id IN (SELECT owner_id FROM wanted) AND max_storage_bytes IS NULL
    ), measured AS (
      SELECT c.id, c.owner_id, c.max_storage_bytes, coalesce(sum(${BYTES_OF_BOARD}), 0)::bigint AS bytes
      FROM concerned c
      LEFT JOIN boards b ON b.workspace_id = c.id
      ${STORED_OF_BOARD}
      GROUP BY c.id, c.owner_id, c.max_storage_bytes
    )
    SELECT m.id AS "workspaceId", m.owner_id AS "ownerId", m.bytes AS "inWorkspace",
      m.max_storage_bytes AS "ownLimit",
      CASE WHEN m.owner_id IS NULL THEN 0 ELSE coalesce(sum(m.bytes)
        FILTER (WHERE m.max_storage_bytes IS NULL) OVER (PARTITION BY m.owner_id), 0)::bigint
      END AS "ofPerson"
    FROM measured m`.execute(db)
  return rows.filter(({ workspaceId }) => workspaceIds.includes(workspaceId))
}

/**
 * How many team workspaces a person owns, alone or with others: each may be left to them. One that is
 * deleted counts as long as it has boards in the trash: deleting and creating workspaces must not
 * multiply what a person may store.
 */
export async function countWorkspaces(db: Database, ownerId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT
      (SELECT count(*) FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
        WHERE m.user_id = ${ownerId} AND m.role = 'owner' AND type = 'team' AND deleted_at IS NULL) +
      (SELECT count(*) FROM workspaces w
        WHERE owner_id = ${ownerId} AND type = 'team' AND deleted_at IS NOT NULL
          AND EXISTS (SELECT FROM boards WHERE workspace_id = w.id)) AS count`.execute(db)
  return rows[0]?.count ?? 0
}

/**
 * How many boards a person's workspaces have, and how many bytes of documents and files are stored of them,
 * without what counts for the own quota of a workspace.
 */
export async function readPersonUsage(db: Database, ownerId: string): Promise<PersonTotals> {
  const { rows } = await sql<PersonTotals>`
    SELECT count(b.id) FILTER (WHERE max_boards IS NULL) AS boards,
      coalesce(sum(${BYTES_OF_BOARD}) FILTER (WHERE max_storage_bytes IS NULL), 0)::bigint
        AS "storageBytes",
      (SELECT coalesce(sum(bytes), 0)::bigint
        FROM workspaces o JOIN assets a ON a.workspace_id = o.id
        WHERE o.owner_id = ${ownerId} AND o.max_asset_bytes IS NULL) AS "assetBytes"
    FROM workspaces w
    JOIN boards b ON b.workspace_id = w.id
    ${STORED_OF_BOARD}
    WHERE w.owner_id = ${ownerId}`.execute(db)
  return rows[0] ?? { boards: 0, storageBytes: 0, assetBytes: 0 }
}

interface PersonTotals {
  boards: number
  storageBytes: number
  assetBytes: number
}

/** The workspace of each of these boards that exists. */
export function findWorkspaces(
  db: Database,
  boardIds: readonly string[],
): Promise<{ boardId: string; workspaceId: string }[]> {
  return db
    .selectFrom('boards')
    .select(['id as boardId', 'workspace_id as workspaceId'])
    .where((eb) => eb('id', '=', eb.fn.any(eb.val([...boardIds]))))
    .execute()
}

/** How many named versions a board has. */
export async function countVersions(db: Database, boardId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM board_versions
    WHERE board_id = ${boardId} AND kind = 'named'`.execute(db)
  return rows[0]?.count ?? 0
}
