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
      iconButton('close', 'Close', () => dialog.close()),
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

/** Asks for a line of text. Resolves with undefined if cancelled or empty. */
export function askText(
  title: string,
  options: { label: string; value?: string; action: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const input = h('input', {
      id: 'ask-text',
      value: options.value ?? '',
      maxlength: 255,
      required: true,
      autocomplete: 'off',
    })
    let answer: string | undefined
    const submit = (event: Event) => {
      event.preventDefault()
      answer = input.value.trim() || undefined
      dialog.close()
    }
    const form = h(
      'form',
      { on: { submit } },
      h('label', { for: input.id }, options.label),
      input,
      h('footer', {}, h('button', { class: 'primary' }, options.action)),
    )
    const dialog = openDialog(title, form)
    dialog.addEventListener('close', () => resolve(answer))
    input.focus()
    input.select()
  })
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
        button('Cancel', () => dialog.close()),
        button(options.action, confirm, 'danger'),
      ),
    )
    dialog.addEventListener('close', () => resolve(answer))
  })
}
