import type { WorkspaceRole } from '@mindfuse/protocol'

/** Everything that can be done to a workspace. */
export const WORKSPACE_ACTIONS = [
  'read',
  'createBoards',
  'rename',
  'manageMembers',
  'readAudit',
  /** From where: addresses and user agents of the audit log. */
  'readAuditOrigins',
  'transfer',
  'delete',
] as const

/** One of {@link WORKSPACE_ACTIONS}. */
export type WorkspaceAction = (typeof WORKSPACE_ACTIONS)[number]

const MEMBER_ACTIONS: readonly WorkspaceAction[] = ['read', 'createBoards']
const ADMIN_ACTIONS: readonly WorkspaceAction[] = [
  ...MEMBER_ACTIONS,
  'rename',
  'manageMembers',
  'readAudit',
]

const ALLOWED: Record<WorkspaceRole, readonly WorkspaceAction[]> = {
  member: MEMBER_ACTIONS,
  admin: ADMIN_ACTIONS,
  owner: WORKSPACE_ACTIONS,
}

/** Whether this role allows this action. */
export function canInWorkspace(role: WorkspaceRole, action: WorkspaceAction): boolean {
  return ALLOWED[role].includes(action)
}

/** The role and every action with whether it is allowed, as clients get it. */
export function workspaceAccess(role: WorkspaceRole) {
  const can = Object.fromEntries(
    WORKSPACE_ACTIONS.map((action) => [action, canInWorkspace(role, action)]),
  ) as Record<WorkspaceAction, boolean>
  return { role, can }
}
