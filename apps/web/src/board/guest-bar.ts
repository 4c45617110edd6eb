import type { Board } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { signInUrl } from '../app/session.ts'
import { ROLE_NAMES } from '../sharing/roles.ts'
import { h } from '../ui/dom.ts'
import { fullName } from '../ui/kinds.ts'

/** Who a guest is on a board and what they may do, and the way to sign in. */
export function createGuestBar(app: App, board: Board): { element: HTMLElement; update(): void } {
  const role = h('span', { class: 'hint' })
  const path = location.pathname
  return {
    element: h(
      'div',
      { class: 'guest-bar' },
      h('bdi', {}, fullName(app.user)),
      role,
      h('a', { class: 'button quiet', href: signInUrl(path) }, 'Sign in'),
    ),
    update() {
      role.textContent = board.role ? ROLE_NAMES[board.role] : ''
    },
  }
}
