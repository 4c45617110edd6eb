import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { deleteOldestSessions } from './repository.ts'

/** Most sessions that a person has at a time: a list of them is one page. */
export const MAX_SESSIONS = 100

/** Ends those of a person's sessions that were used longest ago, where there are too many. */
export async function limitSessions(
  tx: Database,
  record: RecordChange,
  userId: string,
): Promise<void> {
  for (const id of await deleteOldestSessions(tx, { userId, keep: MAX_SESSIONS })) {
    await record({
      type: 'session.revoked',
      workspaceId: null,
      actorId: userId,
      userId,
      target: { type: 'session', id },
      changes: { reason: 'too_many' },
      sessions: [id],
    })
  }
}
