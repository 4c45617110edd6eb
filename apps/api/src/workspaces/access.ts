import type { WorkspaceRole } from '@mindfuse/protocol'
import { scopeRequired } from '../auth/open-to.ts'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, notFound } from '../http/errors.ts'
import {
  mayInWorkspace,
  missingScope,
  type WorkspaceAction,
  type WorkspaceGrants,
} from './policy.ts'
import {
  findWorkspace,
  holdWorkspace,
  lockWorkspace,
  type ViewerColumns,
  type WorkspaceRow,
} from './repository.ts'

/**
 * The workspace, for a person who may do this to it.
 * @throws ApiError 404 for a stranger and for a workspace that is gone, 403 for a member who may not
 */
export async function requireWorkspace(
  tx: Database,
  userId: string,
  workspaceId: string,
  action: WorkspaceAction,
): Promise<WorkspaceRow> {
  const workspace = await findWorkspace(tx, workspaceId, userId)
  if (!workspace) throw notFound('workspace')
  if (!mayInWorkspace(grantsOf(workspace), action)) throw refusalOf(workspace, action)
  return workspace
}

/**
 * As {@link requireWorkspace}, and locks the workspace and its members until `tx`
 * ends. Call it first: boards are locked after their workspace.
 */
export async function requireLockedWorkspace(
  tx: Database,
  userId: string,
  workspaceId: string,
  action: WorkspaceAction,
): Promise<WorkspaceRow> {
  // Two statements: the one that acquires the lock reads the members as they were before.
  await lockWorkspace(tx, workspaceId)
  return requireWorkspace(tx, userId, workspaceId, action)
}

/**
 * As {@link requireWorkspace}, for adding a board to it. A change of members raises the access
 * versions of all boards, and announces them: a board created at the same time would be missing
 * from that, and be announced to the previous members.
 */
export async function requireWorkspaceForBoard(
  tx: Database,
  userId: string,
  workspaceId: string,
): Promise<WorkspaceRow> {
  await holdWorkspace(tx, workspaceId)
  return requireWorkspace(tx, userId, workspaceId, 'createBoards')
}

/** What gives somebody rights in the workspace. */
export function grantsOf(row: Pick<WorkspaceRow, ViewerColumns>): WorkspaceGrants {
  const { role, key_scopes: keyScopes, key_board_ids: boardIds } = row
  return { role, keyScopes, isForSomeBoards: boardIds !== null }
}

function refusalOf({ role, key_scopes: scopes }: WorkspaceRow, action: WorkspaceAction): ApiError {
  if (!scopes) return notAllowed(role)
  const scope = missingScope(scopes, action)
  return scope ? scopeRequired(scope) : forbidden('This key is for some boards of the workspace')
}

/** The refusal of something that a member's role does not allow. */
export function notAllowed(role: WorkspaceRole): ApiError {
  return forbidden(`Your role in this workspace (${role}) does not allow that`)
}

/** @throws ApiError 409 for a personal workspace */
export function requireTeam(workspace: WorkspaceRow): void {
  if (workspace.type === 'team') return
  throw new ApiError(
    409,
    'personal_workspace',
    'A personal workspace cannot be shared, transferred or deleted',
  )
}
