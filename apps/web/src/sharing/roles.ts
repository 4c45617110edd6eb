import type { BoardDetails } from '@mindfuse/client'
import type { Messages } from '../language/messages.ts'

/** A role on a board. */
export type Role = BoardDetails['access']['role']

/** What a link or an invite can give. */
export type SharedRole = Exclude<Role, 'owner'>

export const SHARED_ROLES: readonly SharedRole[] = ['editor', 'commenter', 'viewer']
export const ROLES: readonly Role[] = ['owner', ...SHARED_ROLES]

/** What a role in a workspace gives on its boards. */
export const ROLE_BY_WORKSPACE_ROLE = {
  owner: 'owner',
  admin: 'owner',
  member: 'editor',
} as const satisfies Record<string, Role>

/** "Can edit" */
export function roleText(role: Role, { text }: Messages): string {
  return text(`boardRole.${role}`)
}

/** A choice of roles. */
export function roleOptions<Choice extends Role>(roles: readonly Choice[], messages: Messages) {
  return roles.map((value) => ({ value, label: roleText(value, messages) }))
}
