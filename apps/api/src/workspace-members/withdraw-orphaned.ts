import type { WorkspaceRole } from '@mindfuse/protocol'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { listAbout } from '../pending-memberships/repository.ts'
import { withdrawMembership } from '../pending-memberships/withdraw.ts'
import { foldEmail } from '../users/email.ts'
import { canChangeMembership, isLesser } from './policy.ts'
import type { MemberRow } from './repository.ts'

/**
 * Withdraws what a change of a member's role takes the ground from: what they offered and could not
 * offer now, and, where the role is a lesser one, what was offered to them. The workspace must be locked.
 */
export async function withdrawOrphanedMemberships(
  tx: Database,
  record: RecordChange,
  change: { workspaceId: string; member: MemberRow; to: WorkspaceRole | null },
): Promise<void> {
  const { workspaceId, member, to } = change
  const about = { workspaceId, userId: member.user_id, email: foldEmail(member.email) }
  for (const membership of await listAbout(tx, about)) {
    const isOffered = membership.invited_by !== member.user_id
    const offer = { from: null, to: membership.role, isOwn: false }
    const isKept = isOffered
      ? !isLesser(to, member.role)
      : to !== null && canChangeMembership(to, offer)
    if (isKept) continue
    const reason = isOffered ? 'role_reduced' : 'inviter_lost_right'
    await withdrawMembership(tx, record, { membership, reason })
  }
}
