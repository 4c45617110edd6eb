import { messages } from '../language/language.ts'
import { button, iconButton } from './button.ts'
import { type Child, h } from './dom.ts'

let opened = 0

/** Opens a modal dialog; Escape and the close button close it. The browser traps the focus in it. */
export function openDialog(title: string, ...content: Child[]): HTMLDialogElement {
  // One dialog may open another.
  const heading = h('h2', { id: `dialog-title-${++opened}` }, title)
  const dialog = h('dialog', { 'aria-labelledby': heading.id })
  dialog.append(
    h(
      'header',
      {},
      heading,
      iconButton('close', messages().text('action.close'), () => dialog.close()),
    ),
    h('div', { class: 'dialog-body' }, ...content),
  )
  dialog.addEventListener('close', () => dialog.remove())
  // A click on the backdrop has the dialog itself as its target.
  dialog.addEventListener('pointerdown', (event) => {
    if (event.target === dialog) dialog.close()
  })
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

/**
 * Asks to confirm an action that cannot be undone. Resolves with undefined if cancelled, else with
 * whether the box next to `option` is checked.
 */
export function confirmDialog(
  title: string,
  options: { text: string; action: string; option?: string },
): Promise<{ isOptionChecked: boolean } | undefined> {
  return new Promise((resolve) => {
    let answer: { isOptionChecked: boolean } | undefined
    const box = h('input', { type: 'checkbox' })
    const confirm = () => {
      answer = { isOptionChecked: box.checked }
      dialog.close()
    }
    const dialog = openDialog(
      title,
      h('p', {}, options.text),
      options.option !== undefined && h('label', { class: 'setting' }, box, options.option),
      h(
        'footer',
        {},
        button(messages().text('action.cancel'), () => dialog.close()),
        button(options.action, confirm, 'danger'),
      ),
    )
    dialog.addEventListener('close', () => resolve(answer))
  })
}
