import { type DomainEvent, workspacePlace } from '@mindfuse/internal'
import type { Database } from '../db/database.ts'

/** Some boards, or a workspace with all of its boards. */
type Places = { boardIds: string[] } | { workspaceId: string }

/**
 * Marks that access to these places changes. That is a new version of the boards too, since their
 * readers also see what they may do. The result goes into the `access` of the change that is recorded
 * in the same transaction. A workspace must be locked.
 */
export async function raiseAccessVersions(
  tx: Database,
  places: Places,
): Promise<DomainEvent['access']> {
  const boards = await raiseOfBoards(tx, places)
  if ('boardIds' in places) return boards
  const { workspaceId } = places
  const { membership_version: version } = await tx
    .updateTable('workspaces')
    .set((eb) => ({ membership_version: eb('membership_version', '+', 1) }))
    .where('id', '=', workspaceId)
    .returning('membership_version')
    .executeTakeFirstOrThrow()
  return [...boards, { boardId: workspacePlace(workspaceId), version }]
}

async function raiseOfBoards(tx: Database, places: Places): Promise<DomainEvent['access']> {
  const rows = await tx
    .updateTable('boards')
    .set((eb) => ({
      access_version: eb('access_version', '+', 1),
      version: eb('version', '+', 1),
    }))
    .where((eb) =>
      'boardIds' in places
        ? eb('id', '=', eb.fn.any(eb.val(places.boardIds)))
        : eb('workspace_id', '=', places.workspaceId),
    )
    .returning(['id', 'access_version'])
    .execute()
  return rows.map((row) => ({ boardId: row.id, version: row.access_version }))
}
