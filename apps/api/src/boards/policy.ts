import {
  BOARD_ROLES,
  type BoardRole,
  hasScope,
  type KeyScope,
  type LinkRole,
  type WorkspaceRole,
} from '@mindfuse/protocol'

/** Everything that can be done to a board. */
export const BOARD_ACTIONS = [
  'read',
  'comment',
  'edit',
  'setThumbnail',
  'broadcast',
  'rename',
  'duplicate',
  'invite',
  'manageMembers',
  'trash',
  'restore',
  'deletePermanently',
  'readHistory',
  'import',
  'createVersion',
  'restoreVersion',
  'deleteVersion',
] as const

/** One of {@link BOARD_ACTIONS}. */
export type BoardAction = (typeof BOARD_ACTIONS)[number]

const VIEWER_ACTIONS: readonly BoardAction[] = ['read', 'readHistory']
const COMMENTER_ACTIONS: readonly BoardAction[] = [...VIEWER_ACTIONS, 'comment', 'broadcast']
const EDITOR_ACTIONS: readonly BoardAction[] = [
  ...COMMENTER_ACTIONS,
  'edit',
  'setThumbnail',
  'rename',
  'duplicate',
  'invite',
  'import',
  'createVersion',
  'restoreVersion',
]

const ALLOWED: Record<BoardRole, readonly BoardAction[]> = {
  viewer: VIEWER_ACTIONS,
  commenter: COMMENTER_ACTIONS,
  editor: EDITOR_ACTIONS,
  owner: BOARD_ACTIONS,
}

/** What being in a workspace gives on each of its boards. */
const ROLE_BY_WORKSPACE_ROLE: Record<WorkspaceRole, BoardRole> = {
  owner: 'owner',
  admin: 'owner',
  member: 'editor',
}

/** What a key needs for each action. */
export const SCOPE_OF_ACTION: Record<BoardAction, KeyScope> = {
  read: 'boards:read',
  readHistory: 'boards:read',
  comment: 'comments:write',
  edit: 'boards:write',
  setThumbnail: 'boards:write',
  broadcast: 'boards:write',
  rename: 'boards:write',
  duplicate: 'boards:write',
  invite: 'members:write',
  manageMembers: 'members:write',
  trash: 'boards:write',
  restore: 'boards:write',
  deletePermanently: 'boards:write',
  import: 'boards:write',
  createVersion: 'boards:write',
  restoreVersion: 'boards:write',
  deleteVersion: 'boards:write',
}

/** What a link may give; all else takes a member, who is somebody whether the link lives or not. */
const LINK_ACTIONS: readonly BoardAction[] = [
  'read',
  'comment',
  'edit',
  'setThumbnail',
  'broadcast',
]

/** What a link gave somebody: its role, or only to look, which is all a guest without a name may do. */
export type LinkGrant = LinkRole | 'nameless'

/** The roles a member was given, directly and through the workspace; null where none. */
export interface MemberGrants {
  workspaceRole: WorkspaceRole | null
  boardRole: BoardRole | null
}

/** All that gives somebody rights on a board. */
export interface BoardGrants extends MemberGrants {
  /** The most that links give them now. */
  linkRole: LinkGrant | null
  /** Of a key; null for whoever is none. */
  keyScopes: readonly KeyScope[] | null
}

/** Settings of a board that change what roles allow. */
export interface BoardSettings {
  viewersCanBroadcast: boolean
}

/** The strongest role that a membership adds up to, or null without any. */
export function memberRole({ workspaceRole, boardRole }: MemberGrants): BoardRole | null {
  return strongest(workspaceRole && ROLE_BY_WORKSPACE_ROLE[workspaceRole], boardRole)
}

/** The strongest role that all grants add up to, or null without any. */
export function effectiveBoardRole(grants: BoardGrants): BoardRole | null {
  const { linkRole, keyScopes } = grants
  const ofLink = linkRole === 'nameless' ? 'viewer' : linkRole
  return strongest(memberRole(grants), ofLink, keyScopes && roleOfScopes(keyScopes))
}

function strongest(...roles: (BoardRole | null)[]): BoardRole | null {
  return BOARD_ROLES.find((role) => roles.includes(role)) ?? null
}

function roleOfScopes(scopes: readonly KeyScope[]): BoardRole | null {
  if (hasScope(scopes, 'boards:write')) return 'editor'
  if (hasScope(scopes, 'comments:write')) return 'commenter'
  return hasScope(scopes, 'boards:read') ? 'viewer' : null
}

/** Whether somebody who was given this may do this. */
export function mayOnBoard(
  grants: BoardGrants,
  action: BoardAction,
  settings: BoardSettings,
): boolean {
  if (grants.keyScopes) return hasScope(grants.keyScopes, SCOPE_OF_ACTION[action])
  if (grants.linkRole === 'nameless' && action === 'broadcast') return false
  const role = LINK_ACTIONS.includes(action) ? effectiveBoardRole(grants) : memberRole(grants)
  return role !== null && canOnBoard(role, action, settings)
}

/** Whether this role allows this action; without settings, regardless of them. */
export function canOnBoard(
  role: BoardRole,
  action: BoardAction,
  { viewersCanBroadcast }: BoardSettings = { viewersCanBroadcast: false },
): boolean {
  return ALLOWED[role].includes(action) || (action === 'broadcast' && viewersCanBroadcast)
}

/** The role and every action with whether it is allowed, as clients get it; null without access. */
export function boardAccess(grants: BoardGrants, settings: BoardSettings): BoardAccess | null {
  const role = effectiveBoardRole(grants)
  if (role === null) return null
  // Lists have a board in each row, and nearly all are seen by members.
  if (grants.linkRole !== null || grants.keyScopes)
    return { role, can: actionsOf(grants, settings) }
  return (settings.viewersCanBroadcast ? ACCESS : ACCESS_OF_QUIET_VIEWERS)[role]
}

interface BoardAccess {
  role: BoardRole
  can: Record<BoardAction, boolean>
}

const ACCESS = accessByRole({ viewersCanBroadcast: true })
const ACCESS_OF_QUIET_VIEWERS = accessByRole({ viewersCanBroadcast: false })

function accessByRole(settings: BoardSettings): Record<BoardRole, BoardAccess> {
  return Object.fromEntries(
    BOARD_ROLES.map((role) => {
      const grants = { workspaceRole: null, boardRole: role, linkRole: null, keyScopes: null }
      return [role, { role, can: actionsOf(grants, settings) }]
    }),
  ) as Record<BoardRole, BoardAccess>
}

function actionsOf(grants: BoardGrants, settings: BoardSettings): Record<BoardAction, boolean> {
  return Object.fromEntries(
    BOARD_ACTIONS.map((action) => [action, mayOnBoard(grants, action, settings)]),
  ) as Record<BoardAction, boolean>
}
