/** What a person may be on a board, strongest first. */
export const BOARD_ROLES = ['owner', 'editor', 'viewer'] as const

/** One of {@link BOARD_ROLES}. */
export type BoardRole = (typeof BOARD_ROLES)[number]

/** What a person may be in a workspace, strongest first. */
export const WORKSPACE_ROLES = ['owner', 'admin', 'member'] as const

/** One of {@link WORKSPACE_ROLES}. */
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number]

/** Whether edits of somebody with this role are accepted. */
export function canEdit(role: BoardRole): boolean {
  return role !== 'viewer'
}
