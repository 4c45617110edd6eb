import type { Events, Membership } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { button } from '../ui/button.ts'
import { fill, h } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'
import { attempt } from '../ui/toast.ts'

const ROLE_NAMES: Record<Membership['role'], string> = {
  owner: 'an owner',
  admin: 'an admin',
  member: 'a member',
}

/** The live list of workspaces that the user is invited to; hidden without any. */
export function invitations(app: App, events: Events): HTMLElement {
  const { api } = app.client
  const heading = h('h2', {})
  const list = h('ul', { class: 'rows', 'aria-label': 'Invitations' })
  const element = h('section', { class: 'invitations', hidden: true }, heading, list)

  const row = ({ id, workspaceName, inviterName, role, kind }: Membership) => {
    const accept = async () => {
      const workspace = await api.memberships.accept(id).finally(load)
      app.navigate(paths.workspace(workspace.id))
    }
    return h(
      'li',
      {},
      h(
        'span',
        { class: 'row-text' },
        h('bdi', {}, workspaceName),
        h(
          'span',
          { class: 'hint' },
          h('bdi', {}, inviterName),
          kind === 'transfer'
            ? ' wants to hand this workspace over to you'
            : ` invites you as ${ROLE_NAMES[role]}`,
        ),
      ),
      button('Accept', () => attempt(accept), 'primary'),
      button('Decline', () => attempt(() => api.memberships.decline(id).finally(load)), 'quiet'),
    )
  }
  const load = inTurn(async () => {
    const { items } = await api.memberships.list()
    element.hidden = items.length === 0
    heading.textContent = `Invitations (${items.length})`
    fill(list, ...items.map(row))
  })

  events.on('memberships:update', () => attempt(load))
  events.on('resumed', ({ complete }) => {
    if (!complete) attempt(load)
  })
  return element
}
