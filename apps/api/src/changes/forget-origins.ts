import type { Database } from '../db/database.ts'

/**
 * Removes from the audit log where a person's requests came from. What they did stays, under an id that
 * no longer names anyone. Call it last: what is recorded afterwards has an origin again.
 */
export async function forgetOrigins(tx: Database, userId: string): Promise<void> {
  await tx
    .updateTable('audit_entries')
    .set({ ip: null, user_agent: null })
    .where('actor_id', '=', userId)
    .execute()
}
