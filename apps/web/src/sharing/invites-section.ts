import type { Reply } from '@mindfuse/client'
import { button } from '../ui/button.ts'
import { h } from '../ui/dom.ts'
import { endText } from '../ui/end-field.ts'
import { row, rowText } from '../ui/row.ts'
import { secretField } from '../ui/secret-field.ts'
import { attempt } from '../ui/toast.ts'
import { ROLE_NAMES, roleSelect, SHARED_ROLES } from './roles.ts'
import { listSection, type Section, type Sharing } from './section.ts'

type Invite = Reply<'GET /api/boards/{boardId}/invites'>['items'][number]

/** The open invites of a board: create, revoke. */
export function invitesSection({ app, board, change }: Sharing): Section & { form: HTMLElement } {
  const { invites } = app.client.api
  const role = roleSelect('Role for this invite', { roles: SHARED_ROLES, value: 'editor' })
  const created = secretField('Invite link')

  const create = async () => {
    const { url } = await invites.create(board.id, { role: role.read() })
    if (url !== null) created.show(url)
    await section.load()
  }
  const inviteRow = (invite: Invite) =>
    row(
      rowText(ROLE_NAMES[invite.role], `${endText(invite.expiresAt)}, uses: ${invite.uses}`),
      button('Revoke', () => change(() => invites.revoke(board.id, invite.id)), 'quiet'),
    )
  const section = listSection('Open invites', {
    label: 'Open invites',
    async read() {
      const { items } = await invites.list(board.id)
      return items.filter(({ state }) => state === 'open')
    },
    row: inviteRow,
  })
  const form = h(
    'section',
    {},
    h('h3', {}, 'Invite'),
    h(
      'p',
      { class: 'hint' },
      'Whoever accepts it, within seven days, signs in and stays a member after it has ended.',
    ),
    h(
      'div',
      { class: 'fields' },
      role.element,
      button('Create invite', () => attempt(create)),
    ),
    created.element,
  )
  return { ...section, form }
}
