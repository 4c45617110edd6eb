import { lockBoard } from '../boards/repository.ts'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { deleteGrantsOf, markEnded, type PlacedLink } from './repository.ts'

/** How a link ends. */
interface End {
  type: 'link.revoked' | 'link.expired'
  changes?: Record<string, string>
}

const COLUMN = { 'link.revoked': 'revoked_at', 'link.expired': 'end_announced_at' } as const

/** Ends a link and what it gave, on a locked board, unless it has ended before. */
export async function endLink(
  tx: Database,
  record: RecordChange,
  link: PlacedLink,
  { type, changes }: End,
): Promise<void> {
  if (!(await markEnded(tx, link.id, COLUMN[type]))) return
  const boardId = link.board_id
  const isHeld = await deleteGrantsOf(tx, link.id)
  await record({
    type,
    workspaceId: link.workspaceId,
    boardId,
    target: { type: 'link', id: link.id },
    ...(changes && { changes }),
    // Nobody's access changes where nobody came by it.
    access: isHeld ? await raiseAccessVersions(tx, { boardIds: [boardId] }) : [],
  })
}

/** Revokes links. Locks their boards, in an order that is the same for all who do. */
export async function revokeLinks(
  tx: Database,
  record: RecordChange,
  links: readonly PlacedLink[],
  changes: Record<string, string>,
): Promise<void> {
  const boardIds = new Set(links.map((link) => link.board_id))
  for (const boardId of [...boardIds].sort()) await lockBoard(tx, boardId)
  for (const link of links) await endLink(tx, record, link, { type: 'link.revoked', changes })
}
