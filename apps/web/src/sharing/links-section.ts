import { button } from '../ui/button.ts'
import { confirmDialog } from '../ui/dialog.ts'
import { h, isolate } from '../ui/dom.ts'
import { endField } from '../ui/end-field.ts'
import { row, rowText } from '../ui/row.ts'
import { secretField } from '../ui/secret-field.ts'
import { attempt } from '../ui/toast.ts'
import { type LinkItem, linkText } from './link-text.ts'
import { ROLE_NAMES, roleSelect, SHARED_ROLES } from './roles.ts'
import { listSection, type Section, type Sharing } from './section.ts'

/** The links to a board: create, revoke. */
export function linksSection(sharing: Sharing): Section & { form: HTMLElement } {
  const { app, board, names, change } = sharing
  const { links } = app.client.api
  const role = roleSelect('Role for this link', { roles: SHARED_ROLES, value: 'editor' })
  const end = endField('End of this link')
  const label = textField('Label (optional)', 100)
  const password = textField('Password (optional)', 256)
  const created = secretField('Link')

  const create = async () => {
    const { url } = await links.create(board.id, {
      role: role.read(),
      ...end.read(),
      ...(label.value.trim() !== '' && { label: label.value }),
      ...(password.value !== '' && { password: password.value }),
    })
    if (url !== null) created.show(url)
    label.value = ''
    password.value = ''
    await section.load()
  }
  const revoke = async (link: LinkItem) => {
    const answer = await confirmDialog('Revoke this link', {
      text: `Whoever came by ${link.label === null ? 'it' : `“${isolate(link.label)}”`} loses access at once.`,
      action: 'Revoke',
    })
    if (answer) change(() => links.revoke(board.id, link.id))
  }
  const linkRow = (link: LinkItem) => {
    const maker = link.createdBy === app.user.id ? 'you' : names.get(link.createdBy)
    const name = link.label ?? ROLE_NAMES[link.role]
    return row(
      rowText(h('bdi', {}, name), linkText(link, maker)),
      button('Revoke', () => attempt(() => revoke(link)), 'quiet'),
    )
  }
  const section = listSection('Links', {
    label: 'Links',
    async read() {
      const { items } = await links.list(board.id, { limit: 100 })
      return items.filter(({ state }) => state === 'open')
    },
    row: linkRow,
  })
  const submit = (event: Event) => {
    event.preventDefault()
    attempt(create)
  }
  const form = h(
    'section',
    {},
    h('h3', {}, 'Link'),
    h(
      'p',
      { class: 'hint' },
      'Whoever has the link can open this board, with an account or without, until it ends or you revoke it.',
    ),
    h(
      'form',
      { class: 'wrapping fields', on: { submit } },
      role.element,
      end.element,
      label,
      password,
      h('button', { class: 'primary' }, 'Create link'),
    ),
    created.element,
  )
  return { ...section, form }
}

function textField(label: string, maxlength: number): HTMLInputElement {
  return h('input', { 'aria-label': label, placeholder: label, maxlength, autocomplete: 'off' })
}
