import { BOARD_ROLES, type BoardRole, type WorkspaceRole } from '@mindfuse/protocol'

/** Everything that can be done to a board. */
export const BOARD_ACTIONS = [
  'read',
  'comment',
  'edit',
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

/** The roles a person was given, directly and through the workspace; null where none. */
export interface BoardGrants {
  workspaceRole: WorkspaceRole | null
  boardRole: BoardRole | null
}

/** Settings of a board that change what roles allow. */
export interface BoardSettings {
  viewersCanBroadcast: boolean
}

/** The strongest role that the grants add up to, or null without any. */
export function effectiveBoardRole({ workspaceRole, boardRole }: BoardGrants): BoardRole | null {
  const inherited = workspaceRole && ROLE_BY_WORKSPACE_ROLE[workspaceRole]
  return BOARD_ROLES.find((role) => role === inherited || role === boardRole) ?? null
}

/** Whether this role allows this action; without settings, regardless of them. */
export function canOnBoard(
  role: BoardRole,
  action: BoardAction,
  { viewersCanBroadcast }: BoardSettings = { viewersCanBroadcast: false },
): boolean {
  return ALLOWED[role].includes(action) || (action === 'broadcast' && viewersCanBroadcast)
}

/** The role and every action with whether it is allowed, as clients get it. */
export function boardAccess(role: BoardRole, settings: BoardSettings): BoardAccess {
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
      const can = Object.fromEntries(
        BOARD_ACTIONS.map((action) => [action, canOnBoard(role, action, settings)]),
      )
      return [role, { role, can }]
    }),
  ) as Record<BoardRole, BoardAccess>
}
