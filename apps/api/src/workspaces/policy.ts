import type { WorkspaceRole } from '@mindfuse/protocol'
import { hasScope, type KeyScope } from '@mindfuse/protocol'

/** Everything that can be done to a workspace. */
export const WORKSPACE_ACTIONS = [
  'read',
  'createBoards',
  /** To its channel. */
  'broadcast',
  'rename',
  'manageMembers',
  'manageKeys',
  'readAudit',
  /** From where: addresses and user agents of the audit log. */
  'readAuditOrigins',
  'transfer',
  'delete',
] as const

/** One of {@link WORKSPACE_ACTIONS}. */
export type WorkspaceAction = (typeof WORKSPACE_ACTIONS)[number]

const MEMBER_ACTIONS: readonly WorkspaceAction[] = ['read', 'createBoards', 'broadcast']
const ADMIN_ACTIONS: readonly WorkspaceAction[] = [
  ...MEMBER_ACTIONS,
  'rename',
  'manageMembers',
  'manageKeys',
  'readAudit',
]

const ALLOWED: Record<WorkspaceRole, readonly WorkspaceAction[]> = {
  member: MEMBER_ACTIONS,
  admin: ADMIN_ACTIONS,
  owner: WORKSPACE_ACTIONS,
}

/** What a key needs for each action; what is missing here is for people alone. */
const SCOPE_OF_ACTION: Partial<Record<WorkspaceAction, KeyScope>> = {
  read: 'boards:read',
  createBoards: 'boards:write',
  broadcast: 'boards:write',
  manageMembers: 'members:write',
}

/** All that gives somebody rights in a workspace. */
export interface WorkspaceGrants {
  role: WorkspaceRole
  /** Of a key; null for people. */
  keyScopes: readonly KeyScope[] | null
  /** Whether it is a key of some boards alone: it changes nothing else of the workspace. */
  isForSomeBoards: boolean
}

/** Whether this role allows this action. */
export function canInWorkspace(role: WorkspaceRole, action: WorkspaceAction): boolean {
  return ALLOWED[role].includes(action)
}

/** The scope that a key lacks for an action; undefined where none helps. */
export function missingScope(
  scopes: readonly KeyScope[],
  action: WorkspaceAction,
): KeyScope | undefined {
  const scope = SCOPE_OF_ACTION[action]
  return scope && !hasScope(scopes, scope) ? scope : undefined
}

/** Whether somebody who was given this may do this. */
export function mayInWorkspace(grants: WorkspaceGrants, action: WorkspaceAction): boolean {
  const { role, keyScopes, isForSomeBoards } = grants
  if (!keyScopes) return canInWorkspace(role, action)
  if (isForSomeBoards && action !== 'read') return false
  return action in SCOPE_OF_ACTION && missingScope(keyScopes, action) === undefined
}

/** The role and every action with whether it is allowed, as clients get it. */
export function workspaceAccess(grants: WorkspaceGrants) {
  const can = Object.fromEntries(
    WORKSPACE_ACTIONS.map((action) => [action, mayInWorkspace(grants, action)]),
  ) as Record<WorkspaceAction, boolean>
  return { role: grants.role, can }
}
