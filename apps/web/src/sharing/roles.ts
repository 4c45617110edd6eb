import type { BoardDetails } from '@mindfuse/client'
import { h } from '../ui/dom.ts'

/** A role on a board. */
export type Role = BoardDetails['access']['role']

/** What a link or an invite can give. */
export type SharedRole = Exclude<Role, 'owner'>

export const SHARED_ROLES: readonly SharedRole[] = ['editor', 'commenter', 'viewer']
export const ROLES: readonly Role[] = ['owner', ...SHARED_ROLES]

export const ROLE_NAMES: Record<Role, string> = {
  owner: 'Owner',
  editor: 'Can edit',
  commenter: 'Can comment',
  viewer: 'Can view',
}

/** A choice of roles. */
export function roleSelect<Choice extends Role>(
  label: string,
  options: { roles: readonly Choice[]; value: Choice; onChange?: (role: Choice) => void },
): { element: HTMLElement; read(): Choice } {
  const { roles, value, onChange } = options
  const read = () => element.value as Choice
  const element = h(
    'select',
    { 'aria-label': label, on: { change: () => onChange?.(read()) } },
    ...roles.map((role) =>
      h('option', { value: role, selected: role === value }, ROLE_NAMES[role]),
    ),
  )
  return { element, read }
}
