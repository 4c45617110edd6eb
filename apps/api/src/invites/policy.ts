import { BOARD_ROLES, type BoardRole } from '@mindfuse/protocol'
import { canOnBoard } from '../boards/policy.ts'

/** Whether `role` is as strong as `other`, or stronger. */
export function isAtLeast(role: BoardRole, other: BoardRole): boolean {
  return BOARD_ROLES.indexOf(role) <= BOARD_ROLES.indexOf(other)
}

/** The roles that an invite grants. A link may reach anyone, so none makes an owner. */
export const INVITED_ROLES = [
  'editor',
  'commenter',
  'viewer',
] as const satisfies readonly BoardRole[]

/** Whether this role may invite others as `granted`: never as owners, or beyond its own. */
export function canInviteAs(role: BoardRole | null, granted: BoardRole): boolean {
  if (role === null || granted === 'owner') return false
  return canOnBoard(role, 'invite') && isAtLeast(role, granted)
}

/** Whether a person with this role may revoke an invite: their own, or any as a manager. */
export function canRevokeInvite(role: BoardRole, invite: { isOwn: boolean }): boolean {
  return invite.isOwn || canOnBoard(role, 'manageMembers')
}
