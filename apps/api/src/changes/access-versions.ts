import type { DomainEvent } from '@mindfuse/internal'
import type { Database } from '../db/database.ts'

/**
 * Marks that access to these boards changes. That is a new version of the boards too, since their
 * readers also see what they may do. The result goes into the `access` of the change that is recorded
 * in the same transaction.
 *
 * @param boards some boards, or all of a workspace
 */
export async function raiseAccessVersions(
  tx: Database,
  boards: { boardIds: string[] } | { workspaceId: string },
): Promise<DomainEvent['access']> {
  const rows = await tx
    .updateTable('boards')
    .set((eb) => ({
      access_version: eb('access_version', '+', 1),
      version: eb('version', '+', 1),
    }))
    .where((eb) =>
      'boardIds' in boards
        ? eb('id', '=', eb.fn.any(eb.val(boards.boardIds)))
        : eb('workspace_id', '=', boards.workspaceId),
    )
    .returning(['id', 'access_version'])
    .execute()
  return rows.map((row) => ({ boardId: row.id, version: row.access_version }))
}
