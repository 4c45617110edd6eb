import { effectiveBoardRole } from '../boards/policy.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { canInviteAs } from './policy.ts'
import { listOpenInvitesOf, revokeInvites } from './repository.ts'

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
  scope: { userId: string; workspaceId: string; boardId?: string },
): Promise<void> {
  const invites = await listOpenInvitesOf(tx, scope)
  const orphaned = invites.filter((invite) => !canInviteAs(effectiveBoardRole(invite), invite.role))
  await revokeInvites(
    tx,
    orphaned.map((invite) => invite.id),
  )
  for (const { id, board_id: boardId } of orphaned) {
    await record({
      type: 'invite.revoked',
      workspaceId: scope.workspaceId,
      boardId,
      target: { type: 'invite', id },
      changes: { reason: 'inviter_lost_right', inviterId: scope.userId },
    })
  }
}
