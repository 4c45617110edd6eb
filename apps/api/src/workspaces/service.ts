import type { Actor } from '../changes/actor.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import { forbidden, notFound } from '../http/errors.ts'
import { decodeCursor, type Page, type PageQuery, toPage } from '../http/pagination.ts'
import { canInWorkspace, type WorkspaceAction, workspaceAccess } from './policy.ts'
import * as repository from './repository.ts'
import type { Workspace } from './schemas.ts'

const LIST_ORDER = '-createdAt'

/** What people do with workspaces. */
export interface WorkspaceService {
  list(userId: string, page: PageQuery): Promise<Page<Workspace>>
  create(actor: Actor, input: { name: string }): Promise<Workspace>
  get(userId: string, workspaceId: string): Promise<Workspace>
  /** @throws ApiError 404 for a stranger, 403 for a member who may not do this */
  authorize(userId: string, workspaceId: string, action: WorkspaceAction): Promise<void>
}

/** Workspaces as rows of Postgres. */
export function createWorkspaceService(deps: {
  db: Database
  transact: Transact
}): WorkspaceService {
  const { db, transact } = deps

  const find = async (userId: string, workspaceId: string) => {
    const row = await repository.findWorkspace(db, workspaceId, userId)
    if (!row) throw notFound('workspace')
    return row
  }

  return {
    async list(userId, { limit, cursor }) {
      const after = decodeCursor(cursor, LIST_ORDER)
      const rows = await repository.listWorkspaces(db, userId, { limit: limit + 1, after })
      return toPage(rows, {
        limit,
        sort: LIST_ORDER,
        position: (row) => ({ after: row.created_at.toISOString(), id: row.id }),
        present: presentWorkspace,
      })
    },

    create(actor, { name }) {
      return transact(actor, async (tx, record) => {
        const row = await repository.insertTeamWorkspace(tx, {
          name: name.trim(),
          ownerId: actor.userId,
        })
        await record({
          type: 'workspace.created',
          workspaceId: row.id,
          target: { type: 'workspace', id: row.id },
          changes: { name: row.name },
        })
        return presentWorkspace(row)
      })
    },

    async get(userId, workspaceId) {
      return presentWorkspace(await find(userId, workspaceId))
    },

    async authorize(userId, workspaceId, action) {
      const { role } = await find(userId, workspaceId)
      if (!canInWorkspace(role, action))
        throw forbidden(`A ${role} of this workspace may not do that`)
    },
  }
}

function presentWorkspace(row: repository.WorkspaceRow): Workspace {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    access: workspaceAccess(row.role),
  }
}
