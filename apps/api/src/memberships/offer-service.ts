import type { Actor } from '../changes/actor.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page, type PageQuery } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { presentMembership } from '../pending-memberships/present-membership.ts'
import { recordMembership } from '../pending-memberships/record-membership.ts'
import * as repository from '../pending-memberships/repository.ts'
import type { Membership, Offer } from '../pending-memberships/schemas.ts'
import { foldEmail } from '../users/email.ts'
import { canChangeMembership, isLesser } from '../workspace-members/policy.ts'
import { findMember, findMemberByEmail } from '../workspace-members/repository.ts'
import {
  notAllowed,
  requireLockedWorkspace,
  requireTeam,
  requireWorkspace,
} from '../workspaces/access.ts'

/** Most memberships of a workspace that are pending at a time. */
export const MAX_PENDING_MEMBERSHIPS = 100

/** What managers of a workspace do with pending memberships. */
export interface OfferService {
  /**
   * Offers a role to the person with an email, whether an account has it or not: the answer is the
   * same. An offer to the same email takes the place of the one before.
   *
   * @throws ApiError 409 for a member of that role or a greater one, and beyond
   * {@link MAX_PENDING_MEMBERSHIPS}
   */
  offer(actor: Actor, workspaceId: string, input: Offer): Promise<Membership>
  /** Offers a member to become the owner in place of the caller. */
  transfer(actor: Actor, workspaceId: string, userId: string): Promise<Membership>
  /** What a workspace has offered, newest first. */
  list(userId: string, workspaceId: string, page: PageQuery): Promise<Page<Membership>>
  withdraw(actor: Actor, membership: { workspaceId: string; membershipId: string }): Promise<void>
}

/** Pending memberships as rows of PostgreSQL. Every change of them holds the lock of their workspace. */
export function createOfferService({
  db,
  transact,
}: Pick<Infrastructure, 'db' | 'transact'>): OfferService {
  return {
    offer(actor, workspaceId, { role, ...input }) {
      const email = foldEmail(input.email)
      return transact(actor, async (tx, record) => {
        const workspace = await requireLockedWorkspace(tx, actor.userId, workspaceId, 'read')
        const before = await repository.findOffer(tx, { workspaceId, email })
        const change = { from: before?.role ?? null, to: role, isOwn: false }
        if (!canChangeMembership(workspace.role, change)) throw notAllowed(workspace.role)
        requireTeam(workspace)
        const member = await findMemberByEmail(tx, { workspaceId, email })
        // Managers change the role of a member themselves, except to owner, which takes consent.
        if (member && !(role === 'owner' && isLesser(member.role, 'owner'))) {
          throw new ApiError(409, 'already_member', 'This user is already a member')
        }
        if (!before) requireRoom(await repository.countOffers(tx, workspaceId))
        // Under another id: who accepts a role must not get one that they have not seen.
        await repository.deleteOffers(tx, { workspaceId, email })
        await recordReplaced(tx, record, before)
        const offer = { workspaceId, email, role, invitedBy: actor.userId }
        const membershipId = await repository.insertMembership(tx, offer)
        const membership = await requireOf(tx, { workspaceId, membershipId })
        await recordMembership(tx, record, { type: 'membership.offered', membership })
        return presentMembership(membership)
      })
    },

    transfer(actor, workspaceId, userId) {
      return transact(actor, async (tx, record) => {
        requireTeam(await requireLockedWorkspace(tx, actor.userId, workspaceId, 'transfer'))
        if (!(await findMember(tx, { workspaceId, userId }))) throw notFound('member')
        if (userId === actor.userId) {
          throw new ApiError(409, 'already_owner', 'You are already the owner')
        }
        const before = await repository.findTransfer(tx, workspaceId)
        await repository.deleteTransfers(tx, workspaceId)
        await recordReplaced(tx, record, before)
        const offer = { workspaceId, userId, role: 'owner', invitedBy: actor.userId } as const
        const membershipId = await repository.insertMembership(tx, offer)
        const membership = await requireOf(tx, { workspaceId, membershipId })
        await recordMembership(tx, record, { type: 'membership.offered', membership })
        return presentMembership(membership)
      })
    },

    list: (userId, workspaceId, query) =>
      listPage(query, {
        ...NEWEST_FIRST,
        async read(page) {
          await requireWorkspace(db, userId, workspaceId, 'manageMembers')
          return repository.listOfWorkspace(db, workspaceId, page)
        },
        present: presentMembership,
      }),

    withdraw(actor, { workspaceId, membershipId }) {
      return transact(actor, async (tx, record) => {
        const { role } = await requireLockedWorkspace(
          tx,
          actor.userId,
          workspaceId,
          'manageMembers',
        )
        const membership = await requireOf(tx, { workspaceId, membershipId })
        const change = { from: membership.role, to: null, isOwn: false }
        if (!canChangeMembership(role, change)) throw notAllowed(role)
        await repository.deleteMembership(tx, membershipId)
        await recordMembership(tx, record, { type: 'membership.withdrawn', membership })
      })
    },
  }
}

/** Records that another offer takes the place of one, if there was one. */
async function recordReplaced(
  tx: Database,
  record: RecordChange,
  membership: repository.MembershipRow | undefined,
): Promise<void> {
  if (!membership) return
  const type = 'membership.withdrawn'
  await recordMembership(tx, record, { type, membership, reason: 'replaced' })
}

function requireRoom(pending: number): void {
  if (pending < MAX_PENDING_MEMBERSHIPS) return
  throw new ApiError(
    409,
    'too_many_memberships',
    `A workspace has at most ${MAX_PENDING_MEMBERSHIPS} pending memberships: withdraw one first`,
  )
}

async function requireOf(
  tx: Database,
  id: { workspaceId: string; membershipId: string },
): Promise<repository.MembershipRow> {
  const membership = await repository.findOfWorkspace(tx, id)
  if (!membership) throw notFound('membership')
  return membership
}
