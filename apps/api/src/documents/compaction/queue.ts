import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'

/** How long a board is leased to the instance that began with it, seconds: longer than any job may take. */
const LEASE_SECONDS = 90

/** Delay after the first failed attempt, doubled by each, and the longest, seconds. */
const RETRY_SECONDS = 10
const MAX_RETRY_SECONDS = 3_600

const LEASE_END = sql<Date>`now() + make_interval(secs => ${LEASE_SECONDS}::int)`

/** Leases the board that has been due the longest; undefined for none. */
export async function claimDue(db: Database): Promise<string | undefined> {
  const row = await db
    .updateTable('compaction_queue')
    .set((eb) => ({ due_at: LEASE_END, attempts: eb('attempts', '+', 1) }))
    .where('board_id', '=', (eb) =>
      eb
        .selectFrom('compaction_queue')
        .select('board_id')
        .where('due_at', '<=', sql<Date>`now()`)
        .orderBy('due_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning('board_id')
    .executeTakeFirst()
  return row?.board_id
}

/** Leases this board, due or not. @returns false while another instance has it */
export async function claim(db: Database, boardId: string): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO compaction_queue AS q (board_id, due_at, attempts)
    SELECT board_id, ${LEASE_END}, 1 FROM board_documents WHERE board_id = ${boardId}
    ON CONFLICT (board_id) DO UPDATE SET due_at = excluded.due_at, attempts = q.attempts + 1
    -- Attempts of the past, or a pause: neither is a lease.
    WHERE q.due_at <= now() OR q.attempts = 0
    RETURNING board_id`.execute(db)
  return rows.length > 0
}

/** Puts a board off after an attempt that failed. */
export async function postpone(db: Database, boardId: string): Promise<void> {
  await sql`
    UPDATE compaction_queue
    SET due_at = now() + make_interval(secs => least(
      ${MAX_RETRY_SECONDS}::float, ${RETRY_SECONDS}::float * 2 ^ least(attempts - 1, 20)))
    WHERE board_id = ${boardId}`.execute(db)
}

/** Whether nothing is left to merge: takes the board out of the queue, or makes it due again. */
export async function release(tx: Database, boardId: string, isLong: boolean): Promise<void> {
  if (isLong) {
    await tx
      .updateTable('compaction_queue')
      .set({ due_at: sql<Date>`now()`, attempts: 0 })
      .where('board_id', '=', boardId)
      .execute()
  } else {
    await tx.deleteFrom('compaction_queue').where('board_id', '=', boardId).execute()
  }
}
