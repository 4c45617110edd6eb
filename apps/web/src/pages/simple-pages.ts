import type { Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { button } from '../ui/button.ts'
import { type Child, h } from '../ui/dom.ts'
import { logo } from '../ui/logo.ts'

/** A page with a single message. */
export function messagePage(title: string, ...content: Child[]): Page {
  return {
    title,
    element: h('main', { class: 'message-page' }, logo(), h('h1', {}, title), ...content),
  }
}

export function signInPage(): Page {
  return messagePage(
    'Draw together',
    h('p', {}, 'A shared whiteboard: everyone sees each change as it happens.'),
    h('a', { class: 'button primary large', href: signInUrl(location.pathname) }, 'Sign in'),
  )
}

export function notFoundPage(): Page {
  return messagePage(
    'Page not found',
    h('p', {}, 'The address is wrong, or the board was deleted or is not shared with you.'),
    h('a', { class: 'button primary', href: paths.home }, 'Go to my boards'),
  )
}

export function unreachablePage(onRetry: () => void): Page {
  return messagePage(
    'Cannot reach the server',
    h('p', {}, 'Unsaved changes are kept on this device.'),
    button('Try again', onRetry, 'primary'),
  )
}
