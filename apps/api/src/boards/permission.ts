import type { PermissionReply } from '@mindfuse/internal'
import type { Database } from '../db/database.ts'
import { effectiveBoardRole, mayOnBoard } from './policy.ts'
import { findGrants } from './repository.ts'

/** A person's role on a board. A board that does not exist is one without any access. */
export async function findPermission(
  db: Database,
  userId: string,
  boardId: string,
): Promise<PermissionReply> {
  const row = await findGrants(db, { boardId, userId })
  if (!row) return { role: null, version: 0, canBroadcast: false }
  const role = row.isTrashed ? null : effectiveBoardRole(row)
  const canBroadcast = role !== null && mayOnBoard(row, 'broadcast', row)
  return { role, version: row.accessVersion, canBroadcast }
}
