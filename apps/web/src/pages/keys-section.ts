import type { Key, Workspace } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { messages } from '../language/language.ts'
import { button } from '../ui/button.ts'
import { confirmDialog } from '../ui/dialog.ts'
import { fill, h, isolate } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'
import { row, rowText } from '../ui/row.ts'
import { attempt } from '../ui/toast.ts'
import { keyText } from './key-text.ts'
import { openNewKeyDialog } from './new-key-dialog.ts'

/** Most keys that a workspace has. */
const MAX_KEYS = 100

/** The keys of a workspace: create, revoke. */
export function keysSection(app: App, workspace: Workspace): HTMLElement {
  const { keys } = app.client.api
  const list = h('ul', { class: 'rows', 'aria-label': 'Keys' })

  const revoke = async ({ id, name }: Key) => {
    const answer = await confirmDialog('Revoke this key', {
      text: `The programs that use “${isolate(name)}” are disconnected at once, and can do nothing more.`,
      action: 'Revoke',
    })
    if (answer) await keys.revoke(workspace.id, id).finally(load)
  }
  const keyRow = (key: Key) =>
    row(
      rowText(
        [h('bdi', {}, key.name), ' ', h('code', {}, `${key.hint}…`)],
        keyText(key, messages().ago),
      ),
      button('Revoke', () => attempt(() => revoke(key)), 'quiet'),
    )
  const load = inTurn(async () => {
    const { items } = await keys.list(workspace.id, { limit: MAX_KEYS })
    fill(list, ...items.map(keyRow))
  })
  attempt(load)
  return h(
    'section',
    { class: 'settings' },
    h(
      'div',
      { class: 'list-header' },
      h('h2', {}, 'Keys'),
      h('span', { class: 'spacer' }),
      button('New key', () => openNewKeyDialog(app, workspace, load), 'primary'),
    ),
    h(
      'p',
      { class: 'hint' },
      'With a key, a program uses the API and connects to boards. Keys belong to the workspace: they stay when those who made them leave.',
    ),
    list,
  )
}
