import type { Page } from '../app/app.ts'
import type { Problem } from '../app/problem.ts'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { button, reloadButton } from '../ui/button.ts'
import { h } from '../ui/dom.ts'
import { messagePage, notFoundPage } from './simple-pages.ts'

/** A sign-in that did not end in a session. */
export function signInFailedPage({ detail }: Problem): Page {
  return messagePage(
    'You are not signed in',
    h('p', {}, `${detail}.`),
    h('a', { class: 'button primary', href: signInUrl(paths.home) }, 'Sign in again'),
  )
}

/** Any other request of the address bar or of a link that failed. */
export function problemPage({ status, detail, requestId }: Problem): Page {
  if (status === 404) return notFoundPage()
  if (status === 429 || status >= 500) {
    return messagePage(
      'That did not work',
      h('p', {}, `${detail}.`),
      h('p', { class: 'hint' }, `Reference: ${requestId}`),
      button('Try again', () => location.reload(), 'primary'),
    )
  }
  return messagePage(
    'This address does not open',
    // Of routes that take a token, which no link can send.
    h('p', {}, status === 401 ? 'It is for programs.' : `${detail}.`),
    h('a', { class: 'button primary', href: paths.home }, 'Go to my boards'),
  )
}

/** Instead of a page that failed by itself. */
export function failedPage(): Page {
  return messagePage(
    'That did not work',
    h('p', {}, 'This page failed. Unsaved changes are kept on this device.'),
    reloadButton(),
  )
}
