import type { WorkspaceRole } from '@mindfuse/protocol'
import type { Database } from '../db/database.ts'
import { ApiError, forbidden, notFound } from '../http/errors.ts'
import { canInWorkspace, type WorkspaceAction } from './policy.ts'
import { findWorkspace, holdWorkspace, lockWorkspace, type WorkspaceRow } from './repository.ts'

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
  if (!canInWorkspace(workspace.role, action)) throw notAllowed(workspace.role)
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
