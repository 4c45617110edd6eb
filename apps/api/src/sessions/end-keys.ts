import { sql } from 'kysely'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'

/** Most sessions that one event names. */
const MAX_SESSIONS_PER_EVENT = 500

/** Which keys end. */
export type EndingKeys =
  | { keyId: string; workspaceId: string }
  | { workspaceIds: readonly string[] }
  | { createdBy: string }

/** Ends keys, with the sessions that were made with them. @returns how many keys */
export async function endKeys(
  tx: Database,
  record: RecordChange,
  { reason, ...ending }: EndingKeys & { reason: string },
): Promise<number> {
  // Locked first: what a key is making at this moment is there afterwards, and nothing more is made.
  const { rows: keys } = await sql<{ id: string; workspaceId: string; name: string | null }>`
    SELECT keys.id, workspace_id AS "workspaceId", users.name
    FROM keys JOIN sessions ON sessions.id = keys.id JOIN users ON users.id = keys.user_id
    WHERE ${whichOf(ending)} ORDER BY keys.id FOR UPDATE OF sessions`.execute(tx)
  if (keys.length === 0) return 0
  const made = await deleteWithChildren(tx, keys)
  for (const { id, workspaceId, name } of keys) {
    const sessions = [id, ...(made.get(id) ?? [])]
    for (let at = 0; at < sessions.length; at += MAX_SESSIONS_PER_EVENT) {
      await record({
        type: 'key.revoked',
        workspaceId,
        target: { type: 'key', id },
        changes: { name, reason },
        sessions: sessions.slice(at, at + MAX_SESSIONS_PER_EVENT),
        isUnaudited: at > 0,
      })
    }
  }
  return keys.length
}

function whichOf(ending: EndingKeys) {
  if ('keyId' in ending) {
    return sql<boolean>`keys.id = ${ending.keyId} AND workspace_id = ${ending.workspaceId}`
  }
  if ('createdBy' in ending) return sql<boolean>`created_by = ${ending.createdBy}`
  return sql<boolean>`workspace_id = ANY (${[...ending.workspaceIds]}::uuid[])`
}

/** @returns by key, the sessions that were made with it and lived */
async function deleteWithChildren(
  tx: Database,
  keys: readonly { id: string }[],
): Promise<Map<string, string[]>> {
  const ids = keys.map(({ id }) => id)
  const { rows } = await sql<{ id: string; parentId: string | null; lived: boolean }>`
    DELETE FROM sessions WHERE id = ANY (${ids}::uuid[]) OR parent_id = ANY (${ids}::uuid[])
    RETURNING id, parent_id AS "parentId", expires_at > now() AS lived`.execute(tx)
  const made = new Map<string, string[]>()
  for (const { id, parentId, lived } of rows) {
    if (parentId === null || !lived) continue
    const siblings = made.get(parentId)
    // Not copied: of tens of thousands that would be the square.
    if (siblings) siblings.push(id)
    else made.set(parentId, [id])
  }
  return made
}
