import type { BoardUpdates } from '@mindfuse/internal'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { BuildFailure } from '../worker/errors.ts'

/**
 * A tail of this many updates or bytes wants merging. A large snapshot is not written anew for a
 * small tail: its tail may grow to a part of its own size.
 */
export const COMPACT_AFTER_UPDATES = 500
export const COMPACT_AFTER_BYTES = 1024 * 1024
const COMPACT_AFTER_SHARE = 0.25

/** A board that is drawn on all the time is merged this often at most. */
const COMPACT_PAUSE_SECONDS = 30

/** What there is of a document, without the bytes. */
export interface DocumentHead {
  /** Of the board. */
  name: string
  /** Number of the newest update. */
  seq: number
  /** The newest update that the snapshot holds; 0 without one. */
  snapshotSeq: number
  /** Null without a snapshot. */
  snapshotBytes: number | null
  tailBytes: number
  tombstoneShare: number | null
  compactedAt: Date | null
  /** Set while the snapshot cannot be read. */
  damagedAt: Date | null
  /** The number at which a version took the place of everything before it; 0 if none did. */
  replacedSeq: number
  /** Why it cannot be built; null while nothing is known against it. */
  buildFailure: BuildFailure | null
  /** How often a compaction that is due was begun. */
  attempts: number
}

/** Undefined for a board that does not exist or lies in the trash. */
export async function findHead(db: Database, boardId: string): Promise<DocumentHead | undefined> {
  return db
    .selectFrom('board_documents')
    .innerJoin('boards', 'boards.id', 'board_documents.board_id')
    .leftJoin('compaction_queue', 'compaction_queue.board_id', 'board_documents.board_id')
    .select((eb) => [
      'boards.name',
      'seq',
      'snapshot_seq as snapshotSeq',
      'tail_bytes as tailBytes',
      'tombstone_share as tombstoneShare',
      'compacted_at as compactedAt',
      'damaged_at as damagedAt',
      'replaced_seq as replacedSeq',
      'build_failure as buildFailure',
      sql<number | null>`octet_length(snapshot)`.as('snapshotBytes'),
      eb.fn.coalesce('attempts', sql<number>`0`).as('attempts'),
    ])
    .where('board_documents.board_id', '=', boardId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** Where a board stands after its updates were appended. */
export interface AppendedBoard {
  boardId: string
  seq: number
  /** Whether its tail wants merging. */
  isLong: boolean
  /** In which incarnation of the database; null where that is not known. */
  incarnation: string | null
}

/** Nothing was appended to a board, as something else has the lock of its row. */
export interface BusyBoard {
  boardId: string
  seq: null
  incarnation: null
}

/**
 * Appends the updates of a batch and gives them the next numbers of their boards, in one statement
 * and so in one transaction that the statement's timeout bounds. A board that does not exist or
 * lies in the trash is missing from the result.
 *
 * Each board's row is locked until the commit, so numbers become visible in commit order. The rows
 * are locked in the order of their ids, so that two batches never wait for each other.
 */
export function appendUpdates(
  db: Database,
  batch: BoardUpdates[],
): Promise<(AppendedBoard | BusyBoard)[]> {
  return append(db, batch, sql``)
}

/** The same for the boards whose rows are free; the others are busy. */
export function appendToFree(
  db: Database,
  batch: BoardUpdates[],
): Promise<(AppendedBoard | BusyBoard)[]> {
  return append(db, batch, sql`SKIP LOCKED`)
}

async function append(
  db: Database,
  batch: BoardUpdates[],
  skip: RawBuilder<unknown>,
): Promise<(AppendedBoard | BusyBoard)[]> {
  const boardIds = batch.map(({ boardId }) => boardId)
  const counts = batch.map(({ updates }) => updates.length)
  const bytes = batch.map(({ updates }) => updates.reduce((sum, u) => sum + u.update.length, 0))
  let end = 0
  const rows = batch.flatMap(({ boardId, updates }) =>
    updates.map(({ userId, update }, i) => {
      const start = end + 1
      end += update.length
      return { boardId, userId, update, place: i + 1, start }
    }),
  )
  // All in one: the driver would write an array of them as hexadecimal text, which takes five times as long.
  const bytesOfAll = Buffer.concat(rows.map((row) => row.update))
  const { rows: appended } = await sql<AppendedBoard | BusyBoard>`
    WITH given AS (
      SELECT * FROM unnest(${boardIds}::uuid[], ${counts}::int[], ${bytes}::bigint[])
        AS i (board_id, count, bytes)
    ), locked AS (
      SELECT d.board_id, given.count, given.bytes
      FROM board_documents d
      JOIN given USING (board_id)
      JOIN boards b ON b.id = d.board_id AND b.deleted_at IS NULL
      ORDER BY d.board_id
      FOR UPDATE OF d ${skip}
    ), numbered AS (
      UPDATE board_documents d
      SET seq = d.seq + locked.count, tail_bytes = d.tail_bytes + locked.bytes
      FROM locked WHERE d.board_id = locked.board_id
      RETURNING d.board_id, d.seq, d.seq - locked.count AS before, d.compacted_at,
        d.build_failure IS NULL AS is_buildable,
        d.seq - d.snapshot_seq >= ${COMPACT_AFTER_UPDATES}::int
          OR d.tail_bytes >= greatest(${COMPACT_AFTER_BYTES}::int,
               ${COMPACT_AFTER_SHARE}::float * coalesce(octet_length(d.snapshot), 0)) AS is_long
    ), appended AS (
      INSERT INTO board_updates (board_id, seq, user_id, update)
      SELECT u.board_id, numbered.before + u.place, u.user_id,
        substring(${bytesOfAll}::bytea FROM u.start FOR u.length)
      FROM unnest(
        ${rows.map((row) => row.boardId)}::uuid[],
        ${rows.map((row) => row.place)}::int[],
        ${rows.map((row) => row.userId)}::uuid[],
        ${rows.map((row) => row.start)}::int[],
        ${rows.map((row) => row.update.length)}::int[]
      ) AS u (board_id, place, user_id, start, length)
      JOIN numbered USING (board_id)
    ), queued AS (
      INSERT INTO compaction_queue (board_id, due_at)
      SELECT board_id,
        greatest(now(), compacted_at + make_interval(secs => ${COMPACT_PAUSE_SECONDS}::int))
      FROM numbered WHERE is_long AND is_buildable
      ON CONFLICT (board_id) DO NOTHING
    )
    SELECT board_id AS "boardId", seq, is_long AND is_buildable AS "isLong",
      (SELECT database_incarnation()) AS incarnation
    FROM numbered
    UNION ALL
    SELECT d.board_id, NULL, false, NULL
    FROM board_documents d
    JOIN given USING (board_id)
    JOIN boards b ON b.id = d.board_id AND b.deleted_at IS NULL
    WHERE NOT EXISTS (SELECT FROM locked WHERE locked.board_id = d.board_id)`.execute(db)
  return appended
}

/** The newest sequence number of each of these boards that exists, in which incarnation of the database. */
export async function findPositions(
  db: Database,
  boardIds: string[],
): Promise<{ positions: { boardId: string; seq: number }[]; incarnation: string | null }> {
  // At least one row: the database has a name also if it has none of the boards.
  const { rows } = await sql<{ boardId: string | null; seq: number; incarnation: string | null }>`
    WITH here AS MATERIALIZED (SELECT database_incarnation() AS incarnation)
    SELECT d.board_id AS "boardId", d.seq, here.incarnation
    FROM here LEFT JOIN board_documents d ON d.board_id = ANY(${boardIds}::uuid[])`.execute(db)
  return {
    positions: rows.flatMap(({ boardId, seq }) => (boardId === null ? [] : [{ boardId, seq }])),
    incarnation: rows[0]?.incarnation ?? null,
  }
}

/** See `database_incarnation` in the migrations; null where it is not known. */
export async function findIncarnation(db: Database): Promise<string | null> {
  const { rows } = await sql<{ incarnation: string | null }>`
    SELECT database_incarnation() AS incarnation`.execute(db)
  return rows[0]?.incarnation ?? null
}
