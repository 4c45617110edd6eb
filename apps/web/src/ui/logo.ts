import { h } from './dom.ts'

/** The product's mark. */
export function logo(): HTMLElement {
  return h('span', { class: 'logo', 'aria-hidden': true })
}
