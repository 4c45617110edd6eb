import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { comesAfter, type KeysetPage } from '../db/keyset.ts'

/** Most updates that are stored again at a time: a gateway sends no larger batch. */
const REQUEUE_UPDATES = 500
const REQUEUE_BYTES = 4 * 1024 ** 2

/** A board with what of it is in quarantine. */
export interface QuarantinedBoardRow {
  board_id: string
  name: string
  updates: number
  snapshots: number
  bytes: number
  reason: string
  quarantined_at: Date
}

/** A page of boards with parts in quarantine, those quarantined last first. */
export async function listQuarantinedBoards(
  db: Database,
  { limit, after }: KeysetPage,
): Promise<QuarantinedBoardRow[]> {
  const order = {
    column: sql.ref('quarantined_at'),
    id: sql.ref('board_id'),
    type: 'timestamptz',
    direction: 'desc',
  } as const
  const { rows } = await sql<QuarantinedBoardRow>`
    SELECT * FROM (
      SELECT q.board_id, b.name,
        count(*) FILTER (WHERE kind = 'update') AS updates,
        count(*) FILTER (WHERE kind = 'snapshot') AS snapshots,
        sum(octet_length(update))::bigint AS bytes,
        (array_agg(reason ORDER BY quarantined_at DESC))[1] AS reason,
        date_trunc('milliseconds', max(quarantined_at)) AS quarantined_at
      FROM quarantined_updates q JOIN boards b ON b.id = q.board_id
      GROUP BY q.board_id, b.name
    ) AS boards
    WHERE ${comesAfter(after, order)}
    ORDER BY quarantined_at DESC, board_id DESC LIMIT ${limit}`.execute(db)
  return rows
}

/** Takes the oldest updates of a board out of quarantine, as many as are stored again at a time. */
export async function takeUpdates(
  tx: Database,
  boardId: string,
): Promise<{ user_id: string | null; update: Buffer }[]> {
  const { rows } = await sql<{ user_id: string | null; update: Buffer }>`
    WITH sized AS (
      SELECT seq, row_number() OVER (ORDER BY seq) AS place,
        sum(octet_length(update)) OVER (ORDER BY seq) AS bytes
      FROM quarantined_updates WHERE board_id = ${boardId} AND kind = 'update'
    ), taken AS (
      DELETE FROM quarantined_updates q USING sized
      WHERE q.board_id = ${boardId} AND q.kind = 'update' AND q.seq = sized.seq
        AND (sized.place = 1 OR (sized.place <= ${REQUEUE_UPDATES} AND sized.bytes <= ${REQUEUE_BYTES}))
      RETURNING q.seq, q.user_id, q.update
    )
    SELECT user_id, update FROM taken ORDER BY seq`.execute(tx)
  return rows
}

/** How many updates of a board are in quarantine. */
export async function countUpdates(db: Database, boardId: string): Promise<number> {
  const { count } = await db
    .selectFrom('quarantined_updates')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('board_id', '=', boardId)
    .where('kind', '=', 'update')
    .executeTakeFirstOrThrow()
  return count
}
