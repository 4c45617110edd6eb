import { type Child, h } from './dom.ts'

/** An entry of a list of rows. */
export function row(...children: Child[]): HTMLElement {
  return h('li', {}, ...children)
}

/** The text of a row: what it is, and smaller below, more about it. */
export function rowText(first: Child | Child[], more?: string | null): HTMLElement {
  return h(
    'span',
    { class: 'row-text' },
    h('span', {}, ...[first].flat()),
    more !== undefined && more !== null && h('span', { class: 'hint' }, more),
  )
}
