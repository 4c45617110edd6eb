import { WORKSPACE_ROLES, type WorkspaceRole } from '@mindfuse/protocol'
import { canInWorkspace } from '../workspaces/policy.ts'

/** A change of a person's role in a workspace: no role before is joining, none after is leaving. */
export interface MembershipChange {
  from: WorkspaceRole | null
  to: WorkspaceRole | null
  /** Whether it is the caller's own. */
  isOwn: boolean
}

/** Whether this role in the workspace allows this change. */
export function canChangeMembership(
  role: WorkspaceRole,
  { from, to, isOwn }: MembershipChange,
): boolean {
  if (isOwn && to === null) return true
  if (role === 'owner') return true
  return canInWorkspace(role, 'manageMembers') && from !== 'owner' && to !== 'owner'
}

/** Whether a role, or none, is less than another. */
export function isLesser(role: WorkspaceRole | null, than: WorkspaceRole): boolean {
  return role === null || WORKSPACE_ROLES.indexOf(role) > WORKSPACE_ROLES.indexOf(than)
}
