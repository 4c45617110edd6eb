import type { WorkspaceRole } from '@mindfuse/protocol'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import { recordReduction, takeBackGrants } from '../invites/access-reductions.ts'
import { revokeOrphaned } from '../links/orphaned-access.ts'
import type { Quotas } from '../quotas/quotas.ts'
import { updateWorkspace } from '../workspaces/repository.ts'
import { isLesser } from './policy.ts'
import * as repository from './repository.ts'
import { withdrawOrphanedMemberships } from './withdraw-orphaned.ts'

/**
 * Makes a person a member, which they have agreed to. The workspace must be locked.
 */
export async function addMember(
  tx: Database,
  record: RecordChange,
  member: { workspaceId: string; userId: string; role: WorkspaceRole },
): Promise<void> {
  const { workspaceId, userId, role } = member
  await repository.insertMember(tx, member)
  await record({
    type: 'workspace.member_added',
    workspaceId,
    userId,
    target: { type: 'user', id: userId },
    changes: { role },
    // Without access there was an answer to remember, too.
    access: await raiseAccessVersions(tx, { workspaceId }),
  })
}

/**
 * Gives a member another role or takes them out, with all that follows from it. The workspace must
 * be locked.
 *
 * @throws ApiError 409 where no owner would be left, or the next one would own too much
 */
export async function changeMembership(
  tx: Database,
  record: RecordChange,
  change: {
    quotas: Quotas
    workspaceId: string
    member: repository.MemberRow
    to: WorkspaceRole | null
    /** Whether the member does it themselves, or agreed to it. */
    isOwn: boolean
  },
): Promise<void> {
  const { quotas, workspaceId, member, to, isOwn } = change
  const userId = member.user_id
  // First, because it locks the boards: sharing a board locks it before its members.
  const access = await raiseAccessVersions(tx, { workspaceId })
  if (to) await repository.updateRole(tx, { workspaceId, userId, role: to })
  else await repository.deleteMember(tx, { workspaceId, userId })

  const owner = await repository.findFirstOwner(tx, workspaceId)
  if (!owner) throw new ApiError(409, 'last_owner', 'A workspace needs at least one owner')
  // A new version also where the owner stays: the ETag covers what its reader may do.
  await updateWorkspace(tx, workspaceId, { owner_id: owner.userId })

  await record({
    type: to ? 'workspace.member_updated' : 'workspace.member_removed',
    workspaceId,
    userId,
    target: { type: 'user', id: userId },
    changes: { ...(to && { role: to }), formerRole: member.role },
    access,
  })
  await revokeOrphaned(tx, record, { userId, workspaceId })
  await withdrawOrphanedMemberships(tx, record, { workspaceId, member, to })
  if (to === null) await takeBackGrants(tx, { userId, workspaceId })
  if (isLesser(to, member.role) && !isOwn) await recordReduction(tx, { userId, workspaceId })
  if (owner.isNew) await quotas.checkOwner(tx, workspaceId)
}
