import type { Actor } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import { deleteOldestSessions } from './repository.ts'

/** Most sessions that a person has at a time: a list of them is one page. */
export const MAX_SESSIONS = 100

/** Ends those of the actor's sessions that were used longest ago, where there are too many. */
export function limitSessions(transact: Transact, actor: Actor): Promise<void> {
  return transact(actor, async (tx, record) => {
    const { userId } = actor
    for (const id of await deleteOldestSessions(tx, { userId, keep: MAX_SESSIONS })) {
      await record({
        type: 'session.revoked',
        workspaceId: null,
        userId,
        target: { type: 'session', id },
        changes: { reason: 'too_many' },
        sessions: [id],
      })
    }
  })
}
