/** The roles on a board, strongest first. */
export const BOARD_ROLES = ['owner', 'editor', 'viewer'] as const

/** One of {@link BOARD_ROLES}. */
export type BoardRole = (typeof BOARD_ROLES)[number]

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
  return role !== 'viewer'
}
