import { type EventsState, MindfuseError } from '@mindfuse/client'
import type { Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { button, reloadButton } from '../ui/button.ts'
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

/** Instead of a board in a frame, of a page whose user is signed out there. */
export function signedOutElsewherePage(): Page {
  return messagePage('You are signed out', h('p', {}, 'Sign in to the page around this board.'))
}

/** Instead of a page whose user is signed out, in another tab for example. */
export function signedOutPage(): Page {
  return messagePage(
    'You are signed out',
    h('p', {}, 'Sign in again to continue. Unsaved changes are kept on this device.'),
    h('a', { class: 'button primary', href: signInUrl(location.pathname) }, 'Sign in'),
  )
}

/** Instead of a page of a user who is not the one signed in any longer. */
export function anotherUserPage(): Page {
  return messagePage(
    'Someone else is signed in',
    h('p', {}, 'Another account was signed in with this browser. Reload to continue with it.'),
    reloadButton(),
  )
}

export function notFoundPage(): Page {
  return messagePage(
    'Page not found',
    h('p', {}, 'The address is wrong, or what was here was deleted or is not shared with you.'),
    h('a', { class: 'button primary', href: paths.home }, 'Go to my boards'),
  )
}

/** Instead of a page that its user may not see; undefined where trying again may help. */
export function refusedPage(error: unknown): Page | undefined {
  const { status, code } = error instanceof MindfuseError ? error : { status: 0, code: '' }
  if (code === 'signed_in_as_another') return anotherUserPage()
  if (status === 401) return signedOutPage()
  return status === 404 || status === 400 ? notFoundPage() : undefined
}

/** Instead of a page whose live lists are refused for good; undefined while they may come back. */
export function deniedPage(state: EventsState): Page | undefined {
  if (state.kind !== 'denied') return undefined
  if (state.reason === 'sign_in_required') return signedOutPage()
  if (state.reason === 'signed_in_as_another') return anotherUserPage()
  return state.reason === 'workspace_not_found' ? notFoundPage() : undefined
}

export function unreachablePage(onRetry: () => void): Page {
  return messagePage(
    'Cannot reach the server',
    h('p', {}, 'Unsaved changes are kept on this device.'),
    button('Try again', onRetry, 'primary'),
  )
}
