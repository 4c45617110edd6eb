import type { BatchedUpdate, StoredDocument } from '@mindfuse/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

/**
 * What is stored of a board after `after`: the snapshot, where it holds anything newer, and the
 * updates that follow. Undefined for a board that does not exist or lies in the trash. Call it in
 * a repeatable read, or a compaction may move updates away between the two statements.
 */
export async function findDocument(
  db: Database,
  boardId: string,
  after: number,
): Promise<StoredDocument | undefined> {
  const document = await db
    .selectFrom('board_documents')
    .innerJoin('boards', 'boards.id', 'board_id')
    .select(['seq', 'snapshot_seq'])
    .select((eb) =>
      eb.case().when('snapshot_seq', '>', after).then(eb.ref('snapshot')).end().as('snapshot'),
    )
    .where('board_id', '=', boardId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (!document) return undefined
  const rows = await db
    .selectFrom('board_updates')
    .select(['seq', 'update'])
    .where('board_id', '=', boardId)
    .where('seq', '>', Math.max(after, document.snapshot_seq))
    .orderBy('seq')
    .execute()
  return {
    seq: document.seq,
    snapshot: document.snapshot,
    updates: rows.map((row) => row.update),
    seqs: rows.map((row) => row.seq),
  }
}

/**
 * Reserves the next `count` sequence numbers of each board and returns each board's last number
 * before them; a board that does not exist or lies in the trash is missing from the result.
 *
 * The rows stay locked until the transaction ends, so numbers become visible in commit order.
 * They are locked in the order of their ids, so that two batches never wait for each other.
 */
export async function reserveSeqs(
  db: Database,
  boards: { boardId: string; count: number }[],
): Promise<Map<string, number>> {
  const ids = boards.map((board) => board.boardId)
  const counts = boards.map((board) => board.count)
  const { rows } = await sql<{ board_id: string; before: number }>`
    WITH locked AS (
      SELECT d.board_id, i.count
      FROM board_documents d
      JOIN unnest(${ids}::uuid[], ${counts}::int[]) AS i (board_id, count) USING (board_id)
      JOIN boards b ON b.id = d.board_id AND b.deleted_at IS NULL
      ORDER BY d.board_id
      FOR UPDATE OF d
    )
    UPDATE board_documents d SET seq = d.seq + locked.count
    FROM locked WHERE d.board_id = locked.board_id
    RETURNING d.board_id, d.seq - locked.count AS before`.execute(db)
  return new Map(rows.map((row) => [row.board_id, row.before]))
}

/**
 * Appends updates whose numbers {@link reserveSeqs} gave out in the same transaction. One statement
 * of one shape, however many there are.
 */
export async function insertUpdates(
  db: Database,
  updates: (BatchedUpdate & { boardId: string; seq: number })[],
): Promise<void> {
  await sql`
    INSERT INTO board_updates (board_id, seq, user_id, update)
    SELECT * FROM unnest(
      ${updates.map(({ boardId }) => boardId)}::uuid[],
      ${updates.map(({ seq }) => seq)}::bigint[],
      ${updates.map(({ userId }) => userId)}::uuid[],
      ${updates.map(({ update }) => Buffer.from(update))}::bytea[]
    )`.execute(db)
}

/** The newest sequence number of each of these boards that exists. */
export function findPositions(
  db: Database,
  boardIds: string[],
): Promise<{ boardId: string; seq: number }[]> {
  return db
    .selectFrom('board_documents')
    .select(['board_id as boardId', 'seq'])
    .where((eb) => eb('board_id', '=', eb.fn.any(eb.val(boardIds))))
    .execute()
}
