import { sql } from 'kysely'
import { toDigest } from '../assets/repository.ts'
import type { Database } from '../db/database.ts'
import { byTime, type KeysetPage, pageOf } from '../db/keyset.ts'
import { toBuffer } from '../db/to-buffer.ts'

/** A row of `board_versions` without its state. */
export interface VersionRow {
  id: string
  board_id: string
  name: string | null
  kind: 'named' | 'automatic'
  seq: number
  bytes: number
  created_by: string
  created_at: Date
  /** Null where the account is deleted. */
  creator_id: string | null
  creator_name: string | null
  creator_email: string | null
}

function versions(db: Database) {
  return db
    .selectFrom('board_versions')
    .leftJoin('users', 'users.id', 'created_by')
    .select([
      'board_versions.id',
      'board_id',
      'board_versions.name',
      'board_versions.kind',
      'seq',
      'created_by',
      'board_versions.created_at',
      'users.id as creator_id',
      'users.name as creator_name',
      'users.email as creator_email',
    ])
    .select(sql<number>`octet_length(state)`.as('bytes'))
}

/** Stores a version. */
export async function insertVersion(
  tx: Database,
  version: {
    boardId: string
    name: string | null
    kind: VersionRow['kind']
    seq: number
    state: Uint8Array
    /** That it names; null where it may name any. */
    digests: readonly string[] | null
    createdBy: string
  },
): Promise<VersionRow> {
  const { id } = await tx
    .insertInto('board_versions')
    .values({
      board_id: version.boardId,
      name: version.name,
      kind: version.kind,
      seq: version.seq,
      state: toBuffer(version.state),
      asset_digests: version.digests?.map(toDigest),
      created_by: version.createdBy,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return versions(tx).where('board_versions.id', '=', id).executeTakeFirstOrThrow()
}

/** A version of a board. */
export function findVersion(
  db: Database,
  boardId: string,
  versionId: string,
): Promise<VersionRow | undefined> {
  return versions(db)
    .where('board_versions.id', '=', versionId)
    .where('board_id', '=', boardId)
    .executeTakeFirst()
}

/** A page of a board's versions, newest first. */
export function listVersions(
  db: Database,
  boardId: string,
  page: KeysetPage,
): Promise<VersionRow[]> {
  const ofBoard = versions(db).where('board_id', '=', boardId)
  return pageOf(
    ofBoard,
    page,
    byTime('board_versions.created_at', 'board_versions.id', 'desc'),
  ).execute()
}

/** How many versions of a kind there are, and how large they are together. */
export async function sumVersions(
  db: Database,
  boardId: string,
  kind: VersionRow['kind'],
): Promise<{ count: number; bytes: number }> {
  const { rows } = await sql<{ count: number; bytes: number }>`
    SELECT count(*) AS count, coalesce(sum(octet_length(state)), 0)::bigint AS bytes
    FROM board_versions WHERE board_id = ${boardId} AND kind = ${kind}`.execute(db)
  return rows[0] ?? { count: 0, bytes: 0 }
}

/** Deletes a version of a board. */
export async function deleteVersion(
  tx: Database,
  boardId: string,
  versionId: string,
): Promise<void> {
  await tx.deleteFrom('board_versions').where('id', '=', versionId).execute()
  await noteGone(tx, boardId)
}

/** Deletes the oldest automatic versions past a number, and past a size of all together. */
export async function pruneAutomaticVersions(
  tx: Database,
  boardId: string,
  keep: { count: number; bytes: number },
): Promise<void> {
  const { numAffectedRows = 0n } = await sql`
    DELETE FROM board_versions WHERE id IN (
      SELECT id FROM (
        SELECT id, row_number() OVER newest AS place, sum(octet_length(state)) OVER newest AS bytes
        FROM board_versions WHERE board_id = ${boardId} AND kind = 'automatic'
        WINDOW newest AS (ORDER BY created_at DESC, id DESC)
      ) AS automatic
      WHERE place > ${keep.count}::int OR (place > 1 AND bytes > ${keep.bytes}::bigint)
    )`.execute(tx)
  if (numAffectedRows > 0n) await noteGone(tx, boardId)
}

/** A version has gone: what it named alone, nothing names any longer. */
async function noteGone(tx: Database, boardId: string): Promise<void> {
  await tx.updateTable('asset_scans').set({ seq: -1 }).where('board_id', '=', boardId).execute()
}
