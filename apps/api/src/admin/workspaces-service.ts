import type { Actor } from '../changes/actor.ts'
import { ApiError, notFound } from '../http/errors.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { findUser } from '../users/repository.ts'
import { addMember, changeMembership } from '../workspace-members/change-membership.ts'
import { findMember } from '../workspace-members/repository.ts'
import { findKind, lockWorkspace, updateWorkspace } from '../workspaces/repository.ts'
import type { Administer } from './acts.ts'
import type { PersonAct } from './people-service.ts'

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
}

/** Workspaces as rows of PostgreSQL. */
export function createWorkspacesService({
  quotas,
  administer,
}: Pick<Infrastructure, 'quotas'> & { administer: Administer }): WorkspacesService {
  return {
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
        const person = await findUser(tx, personId)
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
