import type { Database } from '../db/database.ts'
import { forbidden, notFound } from '../http/errors.ts'
import { decodeCursor, type PageQuery, toPage } from '../http/pagination.ts'
import { canInWorkspace, type WorkspaceAction, workspaceAccess } from './policy.ts'
import * as repository from './repository.ts'
import type { Workspace } from './schemas.ts'

/** What people do with workspaces. */
export interface WorkspaceService {
  list(userId: string, page: PageQuery): Promise<{ items: Workspace[]; nextCursor: string | null }>
  create(userId: string, input: { name: string }): Promise<Workspace>
  get(userId: string, workspaceId: string): Promise<Workspace>
  /** @throws ApiError 404 for a stranger, 403 for a member who may not do this */
  authorize(userId: string, workspaceId: string, action: WorkspaceAction): Promise<void>
}

/** Workspaces as rows of Postgres. */
export function createWorkspaceService({ db }: { db: Database }): WorkspaceService {
  const find = async (userId: string, workspaceId: string) => {
    const row = await repository.findWorkspace(db, workspaceId, userId)
    if (!row) throw notFound('workspace')
    return row
  }

  return {
    async list(userId, { limit, cursor }) {
      const after = decodeCursor(cursor)
      const rows = await repository.listWorkspaces(db, userId, { limit: limit + 1, after })
      return toPage(
        rows,
        limit,
        (row) => ({ after: row.created_at.toISOString(), id: row.id }),
        presentWorkspace,
      )
    },

    async create(userId, { name }) {
      const row = await db
        .transaction()
        .execute((tx) => repository.insertTeamWorkspace(tx, { name: name.trim(), ownerId: userId }))
      return presentWorkspace(row)
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
    access: workspaceAccess(row.role),
  }
}
