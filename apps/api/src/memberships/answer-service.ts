import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { presentMembership } from '../pending-memberships/present-membership.ts'
import { recordMembership } from '../pending-memberships/record-membership.ts'
import * as repository from '../pending-memberships/repository.ts'
import type { Membership } from '../pending-memberships/schemas.ts'
import type { Quotas } from '../quotas/quotas.ts'
import { addMember, changeMembership } from '../workspace-members/change-membership.ts'
import { isLesser } from '../workspace-members/policy.ts'
import { findMember } from '../workspace-members/repository.ts'
import { requireWorkspace } from '../workspaces/access.ts'
import { lockWorkspace, updateWorkspace } from '../workspaces/repository.ts'
import { type VersionedWorkspace, withVersion } from '../workspaces/service.ts'

/** What people do with the memberships that are offered to them. */
export interface AnswerService {
  /** What is offered to a person, newest first. */
  list(userId: string, page: PageQuery): Promise<Page<Membership>>
  /**
   * Makes the actor what they are offered to be. Repeated, because the response was lost for example,
   * it returns the workspace again.
   *
   * @throws ApiError 404
   */
  accept(actor: Actor, membershipId: string): Promise<VersionedWorkspace>
  /** Repeated, it changes nothing. @throws ApiError 404 */
  decline(actor: Actor, membershipId: string): Promise<void>
}

/** See {@link AnswerService}. */
export function createAnswerService({
  db,
  transact,
  quotas,
}: Pick<Infrastructure, 'db' | 'transact' | 'quotas'>): AnswerService {
  return {
    list: (userId, query) =>
      listPage(query, {
        ...NEWEST_FIRST,
        read: (page) => repository.listOfPerson(db, userId, page),
        present: presentMembership,
      }),

    async accept(actor, membershipId) {
      const { userId } = actor
      // All who are offered something in a workspace wait for its lock.
      const crowd = (await repository.findOfPerson(db, { userId, membershipId }))?.workspace_id
      return transact({ ...actor, ...(crowd && { crowd }) }, async (tx, record) => {
        const membership = await take(tx, { userId, membershipId })
        if (!membership) {
          const type = 'membership.accepted'
          const earlier = await repository.findAnswer(tx, { userId, membershipId, type })
          if (!earlier?.workspaceId) throw notFound('membership')
          return withVersion(await requireWorkspace(tx, userId, earlier.workspaceId, 'read'))
        }
        const { workspace_id: workspaceId, role, user_id: heir } = membership
        const member = await findMember(tx, { workspaceId, userId })
        if (!member) {
          // A transfer is withdrawn when its heir leaves.
          if (heir !== null) throw notFound('membership')
          await addMember(tx, record, { workspaceId, userId, role })
        } else if (isLesser(member.role, role)) {
          const change = { quotas, workspaceId, member, to: role, isOwn: true }
          await changeMembership(tx, record, change)
        }
        if (heir !== null) {
          const formerOwnerId = membership.invited_by
          await handOver(tx, record, { quotas, workspaceId, ownerId: userId, formerOwnerId })
        }
        if (role === 'owner') await quotas.checkWorkspaces(tx, userId)
        await recordMembership(tx, record, { type: 'membership.accepted', membership })
        return withVersion(await requireWorkspace(tx, userId, workspaceId, 'read'))
      })
    },

    decline(actor, membershipId) {
      return transact(actor, async (tx, record) => {
        const { userId } = actor
        const type = 'membership.declined'
        const membership = await take(tx, { userId, membershipId })
        if (!membership) {
          if (await repository.findAnswer(tx, { userId, membershipId, type })) return
          throw notFound('membership')
        }
        // Who declines has nothing to do with the workspace: it is not told who and where they are.
        await recordMembership(tx, record, { type, membership, isPrivate: true })
      })
    },
  }
}

/** Removes what is offered to a person, after locking its workspace; undefined where nothing is. */
async function take(
  tx: Database,
  id: { userId: string; membershipId: string },
): Promise<repository.MembershipRow | undefined> {
  const found = await repository.findOfPerson(tx, id)
  if (!found) return undefined
  await lockWorkspace(tx, found.workspace_id)
  // Again: what acquires the lock read the offer as it was before.
  const membership = await repository.findOfPerson(tx, id)
  if (membership) await repository.deleteMembership(tx, id.membershipId)
  return membership
}

/** Names the owner of a workspace; the one before stays as an admin. */
async function handOver(
  tx: Database,
  record: RecordChange,
  change: { quotas: Quotas; workspaceId: string; ownerId: string; formerOwnerId: string },
): Promise<void> {
  const { quotas, workspaceId, ownerId, formerOwnerId } = change
  // First, or another owner would be named in between.
  await updateWorkspace(tx, workspaceId, { owner_id: ownerId })
  const member = await findMember(tx, { workspaceId, userId: formerOwnerId })
  if (member) {
    await changeMembership(tx, record, { quotas, workspaceId, member, to: 'admin', isOwn: true })
  }
  await quotas.checkOwner(tx, workspaceId)
  await record({
    type: 'workspace.updated',
    workspaceId,
    target: { type: 'workspace', id: workspaceId },
    changes: { ownerId, formerOwnerId },
  })
}
