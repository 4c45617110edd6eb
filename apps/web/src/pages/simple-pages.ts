import type { Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { button } from '../ui/button.ts'
import { type Child, h } from '../ui/dom.ts'
import { logo } from '../ui/logo.ts'

/** A page that says one thing. */
export function messagePage(title: string, ...content: Child[]): Page {
  return {
    title,
    element: h('main', { class: 'message-page' }, logo(), h('h1', {}, title), ...content),
  }
}

export function signInPage(): Page {
  return messagePage(
    'Draw together',
    h(
      'p',
      {},
      'A whiteboard for several people at a time. What one draws, the others see at once.',
    ),
    h('a', { class: 'button primary large', href: signInUrl(location.pathname) }, 'Sign in'),
  )
}

export function notFoundPage(): Page {
  return messagePage(
    'There is nothing here',
    h('p', {}, 'The address is wrong, or what was here is gone, or it is not shared with you.'),
    h('a', { class: 'button primary', href: paths.home }, 'To my boards'),
  )
}

export function unreachablePage(onRetry: () => void): Page {
  return messagePage(
    'The server cannot be reached',
    h('p', {}, 'What you drew and was not saved yet is kept on this device.'),
    button('Try again', onRetry, 'primary'),
  )
}
