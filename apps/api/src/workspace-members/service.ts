import type { WorkspaceRole } from '@mindfuse/protocol'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { BY_JOINING, listPage, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { recordReduction } from '../invites/access-reductions.ts'
import { revokeInvitesFor, revokeOrphanedInvites } from '../invites/orphaned-invites.ts'
import { displayName } from '../users/presenter.ts'
import {
  notAllowed,
  requireLockedWorkspace,
  requireTeam,
  requireWorkspace,
} from '../workspaces/access.ts'
import { canInWorkspace } from '../workspaces/policy.ts'
import { updateWorkspace } from '../workspaces/repository.ts'
import { type VersionedWorkspace, withVersion } from '../workspaces/service.ts'
import { canChangeMembership, isLesser } from './policy.ts'
import * as repository from './repository.ts'
import type { Member, MemberListQuery, NewMember } from './schemas.ts'

/** Who is in a workspace, and as what. */
export interface WorkspaceMemberService {
  list(userId: string, workspaceId: string, query: MemberListQuery): Promise<Page<Member>>
  /** Makes a person with an account a member. */
  add(actor: Actor, workspaceId: string, input: NewMember): Promise<Member>
  changeRole(
    actor: Actor,
    workspaceId: string,
    userId: string,
    role: WorkspaceRole,
  ): Promise<Member>
  /**
   * Removes a member from the workspace and its boards, and with `revokeInvites` the open invites by
   * which they could come back; the actor themselves leaves.
   */
  remove(
    actor: Actor,
    removal: { workspaceId: string; userId: string; revokeInvites: boolean },
  ): Promise<void>
  /** Makes a member the owner in place of the caller, who stays as an admin. */
  transfer(actor: Actor, workspaceId: string, userId: string): Promise<VersionedWorkspace>
}

/** Members as rows of PostgreSQL. Every change of them holds the lock of their workspace. */
export function createWorkspaceMemberService({
  db,
  transact,
}: Pick<Infrastructure, 'db' | 'transact'>): WorkspaceMemberService {
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

    add(actor, workspaceId, { email, role }) {
      return transact(actor, async (tx, record) => {
        const workspace = await requireLockedWorkspace(tx, actor.userId, workspaceId, 'read')
        if (!canChangeMembership(workspace.role, { from: null, to: role, isOwn: false })) {
          throw notAllowed(workspace.role)
        }
        requireTeam(workspace)
        const userId = await accountOf(tx, email)
        if (await repository.findMember(tx, { workspaceId, userId })) {
          throw new ApiError(409, 'already_member', 'This user is already a member')
        }
        await repository.insertMember(tx, { workspaceId, userId, role })
        await record({
          type: 'workspace.member_added',
          workspaceId,
          userId,
          target: { type: 'user', id: userId },
          changes: { role },
          // Without access there was an answer to remember, too.
          access: await raiseAccessVersions(tx, { workspaceId }),
        })
        return presentMember(await memberOf(tx, workspaceId, userId))
      })
    },

    changeRole(actor, workspaceId, userId, role) {
      return transact(actor, async (tx, record) => {
        const { member } = await memberToChange(tx, { actor, workspaceId, userId, to: role })
        if (member.role === role) return presentMember(member)
        await changeMembership(tx, record, { actor, workspaceId, member, to: role })
        return presentMember({ ...member, role })
      })
    },

    remove(actor, { workspaceId, userId, revokeInvites }) {
      return transact(actor, async (tx, record) => {
        const { member, role } = await memberToChange(tx, { actor, workspaceId, userId, to: null })
        await changeMembership(tx, record, { actor, workspaceId, member, to: null })
        if (!revokeInvites) return
        if (!canInWorkspace(role, 'manageMembers')) throw notAllowed(role)
        await revokeInvitesFor(tx, record, { userId, workspaceId })
      })
    },

    transfer(actor, workspaceId, userId) {
      return transact(actor, async (tx, record) => {
        requireTeam(await requireLockedWorkspace(tx, actor.userId, workspaceId, 'transfer'))
        const heir = await memberOf(tx, workspaceId, userId)
        if (userId === actor.userId) {
          throw new ApiError(409, 'already_owner', 'You are already the owner')
        }
        if (heir.role !== 'owner') {
          await changeMembership(tx, record, { actor, workspaceId, member: heir, to: 'owner' })
        }
        const caller = await memberOf(tx, workspaceId, actor.userId)
        await changeMembership(tx, record, { actor, workspaceId, member: caller, to: 'admin' })
        await updateWorkspace(tx, workspaceId, { owner_id: userId })
        await record({
          type: 'workspace.updated',
          workspaceId,
          target: { type: 'workspace', id: workspaceId },
          changes: { ownerId: userId, formerOwnerId: actor.userId },
        })
        return withVersion(await requireWorkspace(tx, actor.userId, workspaceId, 'read'))
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

/**
 * Gives a member another role or takes them out, with all that follows from it.
 * @throws ApiError 409 where no owner would be left
 */
async function changeMembership(
  tx: Database,
  record: RecordChange,
  change: {
    actor: Actor
    workspaceId: string
    member: repository.MemberRow
    to: WorkspaceRole | null
  },
): Promise<void> {
  const { actor, workspaceId, member, to } = change
  const userId = member.user_id
  // First, because it locks the boards: sharing a board locks it before its members.
  const access = await raiseAccessVersions(tx, { workspaceId })
  if (to) await repository.updateRole(tx, { workspaceId, userId, role: to })
  else await repository.deleteMember(tx, { workspaceId, userId })

  const owner_id = await repository.findFirstOwner(tx, workspaceId)
  if (!owner_id) throw new ApiError(409, 'last_owner', 'A workspace needs at least one owner')
  // A new version also where the owner stays: the ETag covers what its reader may do.
  await updateWorkspace(tx, workspaceId, { owner_id })

  await record({
    type: to ? 'workspace.member_updated' : 'workspace.member_removed',
    workspaceId,
    userId,
    target: { type: 'user', id: userId },
    changes: { ...(to && { role: to }), formerRole: member.role },
    access,
  })
  await revokeOrphanedInvites(tx, record, { userId, workspaceId })
  if (isLesser(to, member.role) && userId !== actor.userId) {
    await recordReduction(tx, { userId, workspaceId })
  }
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

async function accountOf(tx: Database, email: string): Promise<string> {
  const [account, another] = await repository.lockAccountsByEmail(tx, email)
  if (!account) {
    throw new ApiError(404, 'user_not_found', 'No user with this email has signed in yet')
  }
  if (another) throw new ApiError(409, 'email_ambiguous', 'Several accounts have this email')
  return account.id
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
