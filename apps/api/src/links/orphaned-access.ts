import { memberRole } from '../boards/policy.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import {
  revokeInvitesFor,
  revokeInvitesTo,
  revokeOrphanedInvites,
  type Scope,
} from '../invites/orphaned-invites.ts'
import { canInviteAs } from '../invites/policy.ts'
import { revokeLinks } from './end-links.ts'
import { listOpenLinks } from './repository.ts'

/**
 * Revokes the invites and links that a person made who may have lost the right to, to one board or to all
 * of a workspace, and could not make today. Call it after `raiseAccessVersions`, which locks the boards.
 */
export async function revokeOrphaned(
  tx: Database,
  record: RecordChange,
  scope: Scope,
): Promise<void> {
  await revokeOrphanedInvites(tx, record, scope)
  const { userId, ...place } = scope
  const links = await listOpenLinks(tx, { createdBy: userId, ...place })
  const orphaned = links.filter((link) => !canInviteAs(memberRole(link), link.role))
  await revokeLinks(tx, record, orphaned, { reason: 'maker_lost_right', makerId: userId })
}

/**
 * Revokes the invites and links by which a person who is being removed could come back, under another
 * account or as a guest too. Call it like {@link revokeOrphaned}.
 */
export async function revokeWaysBack(
  tx: Database,
  record: RecordChange,
  scope: Scope,
): Promise<void> {
  await revokeInvitesFor(tx, record, scope)
  const { userId, ...place } = scope
  const changes = { reason: 'member_removed', memberId: userId }
  await revokeLinks(tx, record, await listOpenLinks(tx, place), changes)
}

/** Revokes all invites and links to a board that moves to another workspace. Call it on a locked board. */
export async function revokeAllTo(
  tx: Database,
  record: RecordChange,
  board: { boardId: string; workspaceId: string },
): Promise<void> {
  await revokeInvitesTo(tx, record, board)
  const links = await listOpenLinks(tx, { boardId: board.boardId })
  await revokeLinks(tx, record, links, { reason: 'board_moved' })
}
