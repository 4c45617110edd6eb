import { memberRole } from '../boards/policy.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { canInviteAs } from './policy.ts'
import {
  listOpenInvites,
  listOpenInvitesFor,
  listOpenInvitesOf,
  revokeInvites,
} from './repository.ts'

/** A person, and one board or all of a workspace. */
export interface Scope {
  userId: string
  workspaceId: string
  boardId?: string
}

/**
 * Revokes the open invites that a person may have lost the right to, to one board or to all of
 * a workspace, that they could not make today.
 *
 * Call it after `raiseAccessVersions`, which locks the boards: making or accepting an invite
 * locks the board before the invite, too.
 */
export async function revokeOrphanedInvites(
  tx: Database,
  record: RecordChange,
  scope: Scope,
): Promise<void> {
  const invites = await listOpenInvitesOf(tx, scope)
  const orphaned = invites.filter((invite) => !canInviteAs(memberRole(invite), invite.role))
  await revokeAll(tx, record, orphaned, {
    scope,
    changes: { reason: 'inviter_lost_right', inviterId: scope.userId },
  })
}

/**
 * Revokes the open invites by which a person who is being removed could come back, under another
 * account too. Call it like {@link revokeOrphanedInvites}.
 */
export async function revokeInvitesFor(
  tx: Database,
  record: RecordChange,
  scope: Scope,
): Promise<void> {
  const changes = { reason: 'member_removed', memberId: scope.userId }
  await revokeAll(tx, record, await listOpenInvitesFor(tx, scope), { scope, changes })
}

/** Revokes all open invites to a board that moves to another workspace. Call it like {@link revokeOrphanedInvites}. */
export async function revokeInvitesTo(
  tx: Database,
  record: RecordChange,
  board: { boardId: string; workspaceId: string },
): Promise<void> {
  const changes = { reason: 'board_moved' }
  const invites = await listOpenInvites(tx, board.boardId)
  await revokeAll(tx, record, invites, { scope: board, changes })
}

async function revokeAll(
  tx: Database,
  record: RecordChange,
  invites: { id: string; board_id: string }[],
  { scope, changes }: { scope: Pick<Scope, 'workspaceId'>; changes: Record<string, string> },
): Promise<void> {
  await revokeInvites(
    tx,
    invites.map((invite) => invite.id),
  )
  for (const { id, board_id: boardId } of invites) {
    await record({
      type: 'invite.revoked',
      workspaceId: scope.workspaceId,
      boardId,
      target: { type: 'invite', id },
      changes,
    })
  }
}
