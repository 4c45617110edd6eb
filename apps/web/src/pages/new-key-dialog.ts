import type { Workspace } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { openDialog } from '../ui/dialog.ts'
import { fill, h } from '../ui/dom.ts'
import { endField } from '../ui/end-field.ts'
import { secretField } from '../ui/secret-field.ts'
import { attempt } from '../ui/toast.ts'
import { SCOPES, type Scope } from './key-text.ts'

/** Most boards that a key can be for, and so most that are listed. */
const MAX_BOARDS = 100

/** Asks for what a key may do, creates it, and shows it once. */
export function openNewKeyDialog(
  app: App,
  workspace: Workspace,
  onCreated: () => Promise<void>,
): void {
  const name = h('input', { required: true, maxlength: 255, autocomplete: 'off' })
  const end = endField('End of this key')
  const scopes = checkboxes<Scope>(
    'What it may do',
    Object.entries(SCOPES).map(([value, text]) => [
      value as Scope,
      h('span', {}, h('code', {}, value), ` ${text}`),
    ]),
  )
  const boards = boardChoice(app, workspace.id)
  const created = secretField('Key')

  const create = async () => {
    const { key } = await app.client.api.keys.create(workspace.id, {
      name: name.value,
      scopes: scopes.read(),
      ...boards.read(),
      ...end.read(),
    })
    form.remove()
    if (key !== null) created.show(key)
    await onCreated()
  }
  const submit = (event: Event) => {
    event.preventDefault()
    attempt(create)
  }
  const form = h(
    'form',
    { on: { submit } },
    h('label', { class: 'fields' }, 'Name', name),
    scopes.element,
    boards.element,
    end.element,
    h('footer', {}, h('button', { class: 'primary' }, 'Create key')),
  )
  openDialog('New key', form, created.element)
  name.focus()
}

/** All boards of the workspace, or those that are chosen. */
function boardChoice(
  app: App,
  workspaceId: string,
): { element: HTMLElement; read(): { boardIds?: string[] } } {
  let chosen: { element: HTMLElement; read(): string[] } | undefined
  const place = h('div', {})
  const offer = async () => {
    chosen = undefined
    place.replaceChildren()
    if (select.value === 'all') return
    const { items } = await app.client.api.boards.list(workspaceId, { limit: MAX_BOARDS })
    chosen = checkboxes(
      'Boards',
      items.map((board) => [board.id, h('bdi', {}, board.name)]),
    )
    fill(place, chosen.element)
  }
  const select = h(
    'select',
    { 'aria-label': 'Boards of this key', on: { change: () => attempt(offer) } },
    h('option', { value: 'all' }, 'All boards of this workspace'),
    h('option', { value: 'some' }, 'Only some boards…'),
  )
  return {
    element: h('div', {}, h('div', { class: 'fields' }, select), place),
    // The API refuses a key for no boards.
    read: () => (select.value === 'all' ? {} : { boardIds: chosen?.read() ?? [] }),
  }
}

/** Boxes to check any of. */
function checkboxes<Value extends string>(
  legend: string,
  options: readonly (readonly [value: Value, label: HTMLElement])[],
): { element: HTMLElement; read(): Value[] } {
  const boxes = options.map(([value, label]) => {
    const box = h('input', { type: 'checkbox' })
    return { value, box, element: h('label', { class: 'setting' }, box, label) }
  })
  return {
    element: h('fieldset', {}, h('legend', {}, legend), ...boxes.map(({ element }) => element)),
    read: () => boxes.filter(({ box }) => box.checked).map(({ value }) => value),
  }
}
