import type { WorkspaceRole } from '@mindfuse/protocol'
import type { Actor } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { BY_JOINING, listPage, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { revokeWaysBack } from '../links/orphaned-access.ts'
import { displayName } from '../users/presenter.ts'
import { notAllowed, requireLockedWorkspace, requireWorkspace } from '../workspaces/access.ts'
import { canInWorkspace } from '../workspaces/policy.ts'
import { changeMembership } from './change-membership.ts'
import { canChangeMembership } from './policy.ts'
import * as repository from './repository.ts'
import type { Member, MemberListQuery } from './schemas.ts'

/** Who is in a workspace, and as what. People become members in `memberships/`. */
export interface WorkspaceMemberService {
  list(userId: string, workspaceId: string, query: MemberListQuery): Promise<Page<Member>>
  /** @throws ApiError 409 for making another an owner, who has to agree */
  changeRole(
    actor: Actor,
    workspaceId: string,
    userId: string,
    role: WorkspaceRole,
  ): Promise<Member>
  /**
   * Removes a member from the workspace and its boards, and with `revokeInvites` the invites and links
   * by which they could come back; the actor themselves leaves.
   */
  remove(
    actor: Actor,
    removal: { workspaceId: string; userId: string; revokeInvites: boolean },
  ): Promise<void>
}

/** Members as rows of PostgreSQL. Every change of them holds the lock of their workspace. */
export function createWorkspaceMemberService({
  db,
  transact,
  quotas,
}: Pick<Infrastructure, 'db' | 'transact' | 'quotas'>): WorkspaceMemberService {
  return {
    list: (userId, workspaceId, { q, ...query }) =>
      listPage(query, {
        ...BY_JOINING,
        async read(page) {
          await requireWorkspace(db, userId, workspaceId, 'read')
          return repository.listMembers(db, workspaceId, { ...page, q })
        },
        present: presentMember,
      }),

    changeRole(actor, workspaceId, userId, role) {
      return transact(actor, async (tx, record) => {
        const { member } = await memberToChange(tx, { actor, workspaceId, userId, to: role })
        if (member.role === role) return presentMember(member)
        if (role === 'owner') {
          const detail =
            'Offer the role to their email, or transfer the workspace: owners have to agree'
          throw new ApiError(409, 'ownership_needs_consent', detail)
        }
        await changeMembership(tx, record, {
          ...{ quotas, workspaceId, member, to: role },
          isOwn: userId === actor.userId,
        })
        return presentMember({ ...member, role })
      })
    },

    remove(actor, { workspaceId, userId, revokeInvites }) {
      return transact(actor, async (tx, record) => {
        const { member, role } = await memberToChange(tx, { actor, workspaceId, userId, to: null })
        await changeMembership(tx, record, {
          ...{ quotas, workspaceId, member, to: null },
          isOwn: userId === actor.userId,
        })
        if (!revokeInvites) return
        if (!canInWorkspace(role, 'manageMembers')) throw notAllowed(role)
        await revokeWaysBack(tx, record, { userId, workspaceId })
      })
    },
  }
}

/** Locks the workspace and finds the member to change, if the actor is allowed to. */
async function memberToChange(
  tx: Database,
  change: { actor: Actor; workspaceId: string; userId: string; to: WorkspaceRole | null },
): Promise<{ member: repository.MemberRow; role: WorkspaceRole }> {
  const { actor, workspaceId, userId, to } = change
  const { role } = await requireLockedWorkspace(tx, actor.userId, workspaceId, 'read')
  const member = await memberOf(tx, workspaceId, userId)
  const isOwn = userId === actor.userId
  if (!canChangeMembership(role, { from: member.role, to, isOwn })) throw notAllowed(role)
  return { member, role }
}

async function memberOf(
  tx: Database,
  workspaceId: string,
  userId: string,
): Promise<repository.MemberRow> {
  const member = await repository.findMember(tx, { workspaceId, userId })
  if (!member) throw notFound('member')
  return member
}

/** A member as everyone in the workspace sees them. */
export function presentMember(row: repository.MemberRow): Member {
  return {
    userId: row.user_id,
    email: row.email,
    name: displayName(row),
    avatarUrl: row.avatar_url,
    role: row.role,
    joinedAt: row.joined_at.toISOString(),
  }
}
