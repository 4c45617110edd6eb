import type { Workspace } from '@mindfuse/client'
import type { Role } from './section-props.ts'

/** Whether the user may change or remove members with this role. */
export function mayChange({ role, can }: Workspace['access'], memberRole: Role): boolean {
  return role === 'owner' || (can.manageMembers && memberRole !== 'owner')
}

/** The roles that the user may give, and the one that the member has. */
export function rolesFor(ownRole: Role | null, memberRole?: Role): Role[] {
  const roles: Role[] = ['member', 'admin']
  return ownRole === 'owner' || memberRole === 'owner' ? [...roles, 'owner'] : roles
}
