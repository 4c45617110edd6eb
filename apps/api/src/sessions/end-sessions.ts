import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'

/** Ends every session of a person, whose connections close with them. @returns how many */
export async function endSessions(
  tx: Database,
  record: RecordChange,
  { userId, reason }: { userId: string; reason: string },
): Promise<number> {
  const rows = await tx
    .deleteFrom('sessions')
    .where('user_id', '=', userId)
    .returning('id')
    .execute()
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
