import { messages } from '../language/language.ts'
import { type Child, h } from './dom.ts'
import { type IconName, icon } from './icons.ts'

/** A button with a text label. */
export function button(label: Child, onClick: () => void, className = ''): HTMLButtonElement {
  return h('button', { type: 'button', class: className, on: { click: onClick } }, label)
}

/** Loads the page again. */
export function reloadButton(): HTMLButtonElement {
  return button(messages().text('action.reload'), () => location.reload(), 'primary')
}

/** A button with only an icon; `label` is its accessible name and tooltip. */
export function iconButton(name: IconName, label: string, onClick: () => void): HTMLButtonElement {
  return h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      title: label,
      'aria-label': label,
      on: { click: onClick },
    },
    icon(name),
  )
}
