import { button } from './button.ts'
import { fill, h } from './dom.ts'
import { attempt, toast } from './toast.ts'

/** A place for what is shown once: a link or a key, with a button that copies it. */
export function secretField(label: string): { element: HTMLElement; show(secret: string): void } {
  const element = h('div', { class: 'secret' })
  return {
    element,
    show(secret) {
      const field = h('input', { value: secret, readonly: true, 'aria-label': label })
      const copy = async () => {
        field.select()
        await navigator.clipboard.writeText(secret)
        toast(`${label} copied`)
      }
      fill(
        element,
        h(
          'div',
          { class: 'fields' },
          field,
          button('Copy', () => attempt(copy), 'primary'),
        ),
        h('p', { class: 'hint' }, 'Copy it now: it is not shown again.'),
      )
      field.focus()
      field.select()
    },
  }
}
