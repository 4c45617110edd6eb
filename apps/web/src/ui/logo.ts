import { h } from './dom.ts'

/** The product logo. */
export function logo(): HTMLElement {
  return h('span', { class: 'logo', 'aria-hidden': true })
}
