import { raiseAccessVersions } from '../changes/access-versions.ts'
import type { Actor } from '../changes/actor.ts'
import type { Database } from '../db/database.ts'
import { requireVersion } from '../http/etag.ts'
import { cleanName } from '../http/names.ts'
import { byCreation, listPage, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { listAllOfWorkspace } from '../pending-memberships/repository.ts'
import { withdrawMembership } from '../pending-memberships/withdraw.ts'
import { endKeys } from '../sessions/end-keys.ts'
import { grantsOf, requireLockedWorkspace, requireTeam, requireWorkspace } from './access.ts'
import { workspaceAccess } from './policy.ts'
import * as repository from './repository.ts'
import type { UpdateWorkspace, Workspace, WorkspaceListQuery } from './schemas.ts'

/** A workspace and the version of it that `If-Match` may ask for. */
export interface VersionedWorkspace {
  workspace: Workspace
  version: number
}

/** What people do with workspaces. */
export interface WorkspaceService {
  list(userId: string, query: WorkspaceListQuery): Promise<Page<Workspace>>
  /** @throws ApiError 409 for a person who owns too many */
  create(actor: Actor, input: { name: string }): Promise<VersionedWorkspace>
  get(userId: string, workspaceId: string): Promise<VersionedWorkspace>
  /** @throws ApiError 412 where the workspace is at another version than `expected` */
  update(
    actor: Actor,
    workspaceId: string,
    input: UpdateWorkspace,
    expected: number | undefined,
  ): Promise<VersionedWorkspace>
  /**
   * Deletes a team workspace; its boards go to the trash with it.
   * @throws ApiError 412 where the workspace is at another version than `expected`
   */
  remove(actor: Actor, workspaceId: string, expected: number | undefined): Promise<void>
}

/** Workspaces as rows of Postgres. */
export function createWorkspaceService({
  db,
  transact,
  quotas,
}: Pick<Infrastructure, 'db' | 'transact' | 'quotas'>): WorkspaceService {
  const get = async (tx: Database, userId: string, workspaceId: string) =>
    withVersion(await requireWorkspace(tx, userId, workspaceId, 'read'))

  return {
    list(userId, { q, sort, ...query }) {
      const isByName = sort.endsWith('name')
      return listPage(query, {
        sort,
        kind: isByName ? 'text' : 'time',
        read: (page) => repository.listWorkspaces(db, userId, { ...page, q, sort }),
        position: (row) => (isByName ? { after: row.folded_name, id: row.id } : byCreation(row)),
        present: presentWorkspace,
      })
    },

    create(actor, { name }) {
      return transact(actor, async (tx, record) => {
        const row = await repository.insertTeamWorkspace(tx, {
          name: cleanName(name),
          ownerId: actor.userId,
        })
        await record({
          type: 'workspace.created',
          workspaceId: row.id,
          target: { type: 'workspace', id: row.id },
          changes: { name: row.name },
        })
        await quotas.checkWorkspaces(tx, actor.userId)
        return withVersion(row)
      })
    },

    get: (userId, workspaceId) => get(db, userId, workspaceId),

    update(actor, workspaceId, input, expected) {
      return transact(actor, async (tx, record) => {
        const before = await requireLockedWorkspace(tx, actor.userId, workspaceId, 'rename')
        requireVersion(expected, before.version)
        await repository.updateWorkspace(tx, workspaceId, {
          name: input.name && cleanName(input.name),
          guests: input.guests,
        })
        const areGuestsAffected = input.guests !== undefined && input.guests !== before.guests
        const boardIds = areGuestsAffected
          ? await repository.lockBoardsWithGuests(tx, workspaceId)
          : []
        const after = await get(tx, actor.userId, workspaceId)
        await record({
          type: 'workspace.updated',
          workspaceId,
          target: { type: 'workspace', id: workspaceId },
          changes: {
            ...{ name: after.workspace.name, formerName: before.name },
            ...(areGuestsAffected && { guests: input.guests, formerGuests: before.guests }),
          },
          access: boardIds.length > 0 ? await raiseAccessVersions(tx, { boardIds }) : [],
        })
        return after
      })
    },

    remove(actor, workspaceId, expected) {
      return transact(actor, async (tx, record) => {
        const workspace = await requireLockedWorkspace(tx, actor.userId, workspaceId, 'delete')
        requireTeam(workspace)
        requireVersion(expected, workspace.version)
        for (const membership of await listAllOfWorkspace(tx, workspaceId)) {
          await withdrawMembership(tx, record, { membership, reason: 'workspace_deleted' })
        }
        await endKeys(tx, record, { workspaceIds: [workspaceId], reason: 'workspace_deleted' })
        await repository.deleteWorkspace(tx, workspaceId, actor.userId)
        await record({
          type: 'workspace.deleted',
          workspaceId,
          target: { type: 'workspace', id: workspaceId },
          changes: { name: workspace.name },
          access: await raiseAccessVersions(tx, { workspaceId }),
        })
      })
    },
  }
}

/** The workspace as the user it was read for sees it, with its version. */
export function withVersion(row: repository.WorkspaceRow): VersionedWorkspace {
  return { workspace: presentWorkspace(row), version: row.version }
}

/** The workspace as the user it was read for sees it. */
export function presentWorkspace(row: repository.WorkspaceRow): Workspace {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    guests: row.guests,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    access: workspaceAccess(grantsOf(row)),
  }
}
