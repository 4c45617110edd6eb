import type { Stack } from './stack.ts'

/** What the audit and the outbox hold of a workspace, oldest first, apart from what was created. */
export async function recordedOf(
  { database }: Stack,
  workspaceId: string,
): Promise<{ audit: any[]; events: any[] }> {
  const [audit, events] = await Promise.all([
    database.query(
      `SELECT action, actor_id, target_type, target_id, changes FROM audit_entries
       WHERE workspace_id = $1 AND action NOT LIKE '%.created'
       ORDER BY created_at, action, changes::text`,
      [workspaceId],
    ),
    database.query(
      `SELECT type, user_id, data FROM events
       WHERE workspace_id = $1 AND type NOT LIKE '%.created' ORDER BY created_at`,
      [workspaceId],
    ),
  ])
  return { audit, events }
}
