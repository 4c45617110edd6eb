import type { DomainEvent } from '@mindfuse/internal'
import { raiseAccessVersions } from '../changes/access-versions.ts'
import { forgetOrigins } from '../changes/forget-origins.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import { listAllOfAccount } from '../pending-memberships/repository.ts'
import { withdrawMembership } from '../pending-memberships/withdraw.ts'
import type { Quotas } from '../quotas/quotas.ts'
import { endKeys } from '../sessions/end-keys.ts'
import * as repository from './repository.ts'
import type { AccountDeletion } from './schemas.ts'

/**
 * Deletes a person's account. Workspaces that are theirs alone go with it; where others are members
 * they leave, and what they drew stays.
 *
 * @throws ApiError 409 while they are the only owner of a workspace with other members, or the next
 * owner would own too much
 */
export async function deleteAccount(
  tx: Database,
  record: RecordChange,
  { userId, quotas }: { userId: string; quotas: Quotas },
): Promise<AccountDeletion> {
  const places = createPlaces(tx, userId)
  await places.lock()
  // From here on nothing new can be theirs. Last, because everyone else locks people last.
  await repository.lockUser(tx, userId)
  await places.lock()
  const { workspaceIds, guestBoards, access } = places
  const owned = await repository.listOwnedWorkspaces(tx, userId)
  const stranded = owned.filter(({ others, otherOwners }) => others > 0 && otherOwners === 0)
  if (stranded.length > 0) throw soleOwner(stranded)

  const deleted = owned.filter(({ others }) => others === 0).map(({ id }) => id)
  const left = workspaceIds.filter((id) => !deleted.includes(id))
  const offers = await listAllOfAccount(tx, { userId, deletedWorkspaceIds: deleted })
  for (const membership of offers) {
    await withdrawMembership(tx, record, { membership, reason: 'account_deleted' })
  }
  await endKeys(tx, record, { workspaceIds: deleted, reason: 'account_deleted' })
  await endKeys(tx, record, { createdBy: userId, reason: 'account_deleted' })
  const passed = await repository.passOwnership(tx, userId)
  const formerMembers = await repository.deleteWorkspaces(tx, deleted)
  const sessions = await repository.deleteUser(tx, userId)
  for (const workspaceId of left) {
    await record({
      type: 'workspace.member_removed',
      workspaceId,
      userId,
      target: { type: 'user', id: userId },
      changes: { reason: 'account_deleted' },
    })
  }
  await record({
    type: 'user.deleted',
    workspaceId: null,
    userId,
    target: { type: 'user', id: userId },
    changes: { deletedWorkspaceIds: deleted },
    access,
    sessions,
    formerMembers,
  })
  await forgetOrigins(tx, userId)
  for (const workspaceId of passed) await quotas.checkOwner(tx, workspaceId)
  return {
    deletedWorkspaceIds: deleted,
    leftWorkspaceIds: left,
    leftBoards: guestBoards.length,
  }
}

/** Where a person is, as far as it is locked. */
function createPlaces(tx: Database, userId: string) {
  const workspaceIds: string[] = []
  const guestBoards: string[] = []
  const access: DomainEvent['access'] = []
  return {
    workspaceIds,
    guestBoards,
    access,
    /** Locks where they are, and what they were making or joining when it was last called. */
    async lock(): Promise<void> {
      const isNew = (id: string) => !workspaceIds.includes(id) && !guestBoards.includes(id)
      const joined = (await repository.lockWorkspacesOf(tx, userId)).filter(isNew)
      workspaceIds.push(...joined)
      const boardIds = await repository.listGuestBoards(tx, userId, workspaceIds)
      const visited = boardIds.filter(isNew)
      guestBoards.push(...visited)
      access.push(...(await raiseAccessVersions(tx, { boardIds: visited })))
      for (const workspaceId of joined) {
        access.push(...(await raiseAccessVersions(tx, { workspaceId })))
      }
    },
  }
}

function soleOwner(workspaces: { id: string; name: string }[]): ApiError {
  return new ApiError(
    409,
    'sole_owner',
    'Others are members of workspaces that only you own: transfer or delete these first',
    {
      errors: workspaces.map(({ id, name }) => ({
        pointer: `/workspaces/${id}`,
        message: `"${name}" would be without an owner`,
      })),
    },
  )
}
