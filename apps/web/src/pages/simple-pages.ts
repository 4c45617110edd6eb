import { type EventsState, MindfuseError } from '@mindfuse/client'
import type { Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { messages } from '../language/language.ts'
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
  const { text } = messages()
  const href = signInUrl(location.pathname)
  return messagePage(
    text('page.signIn'),
    h('p', {}, text('page.signIn.text')),
    h('a', { class: 'button primary large', href }, text('action.signIn')),
  )
}

/** Instead of a board in a frame, of a page whose user is signed out there. */
export function signedOutElsewherePage(): Page {
  const { text } = messages()
  return messagePage(text('page.signedOut'), h('p', {}, text('page.signedOutElsewhere.text')))
}

/** Instead of a page whose user is signed out, in another tab for example. */
export function signedOutPage(): Page {
  const { text } = messages()
  const href = signInUrl(location.pathname)
  return messagePage(
    text('page.signedOut'),
    h('p', {}, text('page.signedOut.text')),
    h('a', { class: 'button primary', href }, text('action.signIn')),
  )
}

/** Instead of a page of a user who is not the one signed in any longer. */
export function anotherUserPage(): Page {
  const { text } = messages()
  return messagePage(
    text('page.anotherUser'),
    h('p', {}, text('page.anotherUser.text')),
    reloadButton(),
  )
}

export function notFoundPage(): Page {
  const { text } = messages()
  return messagePage(
    text('page.notFound'),
    h('p', {}, text('page.notFound.text')),
    h('a', { class: 'button primary', href: paths.home }, text('action.goToBoards')),
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
  const { text } = messages()
  return messagePage(
    text('page.unreachable'),
    h('p', {}, text('page.unreachable.text')),
    button(text('action.tryAgain'), onRetry, 'primary'),
  )
}
