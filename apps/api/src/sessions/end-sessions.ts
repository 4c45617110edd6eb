import { sql } from 'kysely'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'

/** Ends every session of a person, whose connections close with them, and what was made with these. @returns how many */
export async function endSessions(
  tx: Database,
  record: RecordChange,
  { userId, reason }: { userId: string; reason: string },
): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    DELETE FROM sessions
    WHERE user_id = ${userId}
      OR parent_id IN (SELECT id FROM sessions WHERE user_id = ${userId})
    RETURNING id`.execute(tx)
  if (rows.length === 0) return 0
  await record({
    type: 'session.revoked',
    workspaceId: null,
    userId,
    target: { type: 'user', id: userId },
    changes: { reason },
    sessions: rows.map(({ id }) => id),
  })
  return rows.length
}
