import type { Page } from '../app/app.ts'
import type { Problem } from '../app/problem.ts'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { messages } from '../language/language.ts'
import { button, reloadButton } from '../ui/button.ts'
import { h } from '../ui/dom.ts'
import { messagePage, notFoundPage } from './simple-pages.ts'

/** A sign-in that did not end in a session. */
export function signInFailedPage({ detail }: Problem): Page {
  const { text } = messages()
  return messagePage(
    text('page.signInFailed'),
    h('p', {}, `${detail}.`),
    h('a', { class: 'button primary', href: signInUrl(paths.home) }, text('page.signInAgain')),
  )
}

/** Any other request of the address bar or of a link that failed. */
export function problemPage({ status, detail, requestId }: Problem): Page {
  if (status === 404) return notFoundPage()
  const { text } = messages()
  if (status === 429 || status >= 500) {
    return messagePage(
      text('page.failed'),
      h('p', {}, `${detail}.`),
      h('p', { class: 'hint' }, text('page.reference', { id: requestId })),
      button(text('action.tryAgain'), () => location.reload(), 'primary'),
    )
  }
  return messagePage(
    text('page.noAddress'),
    // Of routes that take a token, which no link can send.
    h('p', {}, status === 401 ? text('page.forPrograms') : `${detail}.`),
    h('a', { class: 'button primary', href: paths.home }, text('action.goToBoards')),
  )
}

/** Instead of a page that failed by itself. */
export function failedPage(): Page {
  const { text } = messages()
  return messagePage(text('page.failed'), h('p', {}, text('page.broken.text')), reloadButton())
}
