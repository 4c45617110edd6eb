/** The roles on a board, strongest first. */
export const BOARD_ROLES = ['owner', 'editor', 'commenter', 'viewer'] as const

/** One of {@link BOARD_ROLES}. */
export type BoardRole = (typeof BOARD_ROLES)[number]

/** What a link may give: never ownership. */
export type LinkRole = Exclude<BoardRole, 'owner'>

/** The roles in a workspace, strongest first. */
export const WORKSPACE_ROLES = ['owner', 'admin', 'member'] as const

/** One of {@link WORKSPACE_ROLES}. */
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number]

/**
 * Whether a role can edit a board.
 *
 * @example
 * ```ts
 * show(BOARD_ROLES.filter(canEdit)) // ['owner', 'editor']
 * ```
 */
export function canEdit(role: BoardRole): boolean {
  return role === 'owner' || role === 'editor'
}

/**
 * The role of a message; one that this release does not know allows no more than the weakest.
 *
 * @example
 * ```ts
 * show(['editor', 'of a later release'].map(readBoardRole)) // ['editor', 'viewer']
 * ```
 */
export function readBoardRole(role: string): BoardRole {
  return BOARD_ROLES.find((known) => known === role) ?? 'viewer'
}
