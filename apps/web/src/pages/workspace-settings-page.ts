import type { Workspace } from '@mindfuse/client'
import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { fill, h } from '../ui/dom.ts'
import { attempt, messageOf, toast } from '../ui/toast.ts'
import { keysSection } from './keys-section.ts'
import { notFoundPage, refusedPage } from './simple-pages.ts'

type GuestSetting = Workspace['guests']

const GUEST_SETTINGS: Record<GuestSetting, string> = {
  edit: 'Do what their link says',
  comment: 'Comment at most',
  view: 'Look only',
  off: 'Not come in at all',
}

/** What may come into a workspace besides its members: guests and programs. For owners and admins. */
export function workspaceSettingsPage(app: App, workspaceId: string): Page {
  const content = h('main', { class: 'boards-page' }, h('p', { class: 'hint' }, 'Loading…'))
  const element = h('div', {}, content)

  const load = async () => {
    const workspace = await app.client.api.workspaces.get(workspaceId)
    if (!workspace.access.can.rename) return fill(element, notFoundPage().element)
    document.title = `Settings of ${workspace.name} – Mindfuse`
    const keys = workspace.access.can.manageKeys && keysSection(app, workspace)
    fill(content, heading(workspace), guestSetting(app, workspace), keys)
  }
  load().catch((error) => {
    const refused = refusedPage(error)
    if (refused) fill(element, refused.element)
    else fill(content, h('p', { class: 'problem' }, messageOf(error)))
  })
  return { title: 'Settings', element }
}

function heading({ id, name }: Workspace): HTMLElement {
  return h(
    'div',
    { class: 'list-header' },
    h('h1', {}, 'Settings of ', h('bdi', {}, name)),
    h('span', { class: 'spacer' }),
    h('a', { class: 'button quiet', href: paths.workspace(id) }, 'Back to boards'),
  )
}

/** What guests may do at most. */
function guestSetting(app: App, workspace: Workspace): HTMLElement {
  const save = async () => {
    const guests = select.value as GuestSetting
    const saved = await app.client.api.workspaces
      .update(workspace.id, { guests })
      .catch((error) => {
        select.value = workspace.guests
        throw error
      })
    workspace.guests = saved.guests
    toast('Saved')
  }
  const select = h(
    'select',
    { 'aria-label': 'Guests may', on: { change: () => attempt(save) } },
    ...Object.entries(GUEST_SETTINGS).map(([value, text]) =>
      h('option', { value, selected: value === workspace.guests }, text),
    ),
  )
  return h(
    'section',
    { class: 'settings' },
    h('h2', {}, 'Guests'),
    h(
      'p',
      { class: 'hint' },
      'Guests open boards by links, without an account. What you choose applies at once, to those who are on a board too.',
    ),
    h('label', { class: 'fields' }, 'Guests may', select),
  )
}
