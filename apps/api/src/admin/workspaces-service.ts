import type { Actor } from '../changes/actor.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import type { WorkspaceUsage } from '../usage/schemas.ts'
import { readWorkspaceUsage } from '../usage/service.ts'
import { addMember, changeMembership } from '../workspace-members/change-membership.ts'
import { findMember } from '../workspace-members/repository.ts'
import { findKind, lockWorkspace, updateWorkspace } from '../workspaces/repository.ts'
import type { Administer } from './acts.ts'
import { findPerson } from './people-repository.ts'
import type { PersonAct } from './people-service.ts'
import type { WorkspaceQuota } from './schemas.ts'

/** What administrators do to workspaces. */
export interface WorkspacesService {
  /**
   * Makes a person the owner of a team workspace, without asking them: as where its owner is gone. Other
   * owners stay what they are.
   *
   * @throws ApiError 404 for a workspace or person that is not there, 409 for a personal workspace, a
   * disabled person, and one who would own too much
   */
  makeOwner(actor: Actor, workspaceId: string, act: PersonAct): Promise<void>
  /** What a workspace uses of its quotas. @throws ApiError 404 */
  usage(workspaceId: string): Promise<WorkspaceUsage>
  /**
   * Gives a workspace quotas in place of those that all have. It counts by them alone, and not for its owner.
   * @throws ApiError 404
   */
  setQuota(actor: Actor, workspaceId: string, quota: WorkspaceQuota): Promise<WorkspaceUsage>
}

/** Workspaces as rows of PostgreSQL. */
export function createWorkspacesService({
  db,
  quotas,
  administer,
}: Pick<Infrastructure, 'db' | 'quotas'> & { administer: Administer }): WorkspacesService {
  return {
    async usage(workspaceId) {
      if (!(await findKind(db, workspaceId))) throw notFound('workspace')
      return readWorkspaceUsage(db, quotas.limits, workspaceId)
    },

    setQuota(actor, workspaceId, { reason, ...quota }) {
      const { maxBoards = null, maxStorageBytes = null, maxAssetBytes = null } = quota
      const target = { type: 'workspace', id: workspaceId } as const
      const act = { action: 'workspace.set_quota', target, reason } as const
      return administer(actor, act, async (tx, record) => {
        await lockWorkspace(tx, workspaceId)
        if (!(await findKind(tx, workspaceId))) throw notFound('workspace')
        await updateWorkspace(tx, workspaceId, {
          max_boards: maxBoards,
          max_storage_bytes: maxStorageBytes,
          max_asset_bytes: maxAssetBytes,
        })
        const changes = { maxBoards, maxStorageBytes, maxAssetBytes }
        await record({ type: 'workspace.updated', workspaceId, target, changes })
        return { result: await readWorkspaceUsage(tx, quotas.limits, workspaceId), changes }
      })
    },

    makeOwner(actor, workspaceId, { personId, reason }) {
      const target = { type: 'workspace', id: workspaceId } as const
      const act = { action: 'workspace.make_owner', target, reason } as const
      return administer(actor, act, async (tx, record) => {
        await lockWorkspace(tx, workspaceId)
        const workspace = await findKind(tx, workspaceId)
        if (!workspace) throw notFound('workspace')
        if (workspace.type === 'personal') {
          throw new ApiError(409, 'personal_workspace', 'A personal workspace has one owner')
        }
        const person = await findPerson(tx, personId)
        if (!person) throw notFound('person')
        if (person.disabled_at) {
          throw new ApiError(409, 'account_disabled', 'Enable the person first')
        }
        const member = await findMember(tx, { workspaceId, userId: personId })
        if (!member) {
          await addMember(tx, record, { workspaceId, userId: personId, role: 'owner' })
        } else if (member.role !== 'owner') {
          const change = { quotas, workspaceId, member, to: 'owner', isOwn: true } as const
          await changeMembership(tx, record, change)
        }
        await updateWorkspace(tx, workspaceId, { owner_id: personId })
        const changes = { ownerId: personId, formerOwnerId: workspace.owner_id }
        await record({ type: 'workspace.updated', workspaceId, target, changes })
        await quotas.checkWorkspaces(tx, personId)
        await quotas.checkOwner(tx, workspaceId)
        return { result: undefined, changes }
      })
    },
  }
}
