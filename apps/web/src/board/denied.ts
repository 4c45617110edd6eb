import type { DenialReason, User } from '@mindfuse/client'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { reloadButton } from '../ui/button.ts'
import { h } from '../ui/dom.ts'

const MESSAGES: Record<DenialReason, { title: string; text: string }> = {
  sign_in_required: {
    title: 'You are signed out',
    text: 'Sign in again to continue. Unsaved changes are kept on this device.',
  },
  signed_in_as_another: {
    title: 'Someone else is signed in',
    text: 'Another account was signed in with this browser. Reload this page to continue with it.',
  },
  access_removed: {
    title: 'You no longer have access to this board',
    text: 'Your access was removed. Ask the owner for a new invite.',
  },
  board_not_found: {
    title: 'Board not found',
    text: 'It was deleted, moved to the trash, or is not shared with you.',
  },
  origin_not_allowed: {
    title: 'This site cannot connect',
    text: 'The server does not accept this address. An administrator can add it to WEB_ORIGINS.',
  },
  too_large: { title: 'Disconnected', text: 'A message was too large. Reload the page.' },
  protocol: { title: 'Reload this page', text: 'It is out of date.' },
  document_failed: {
    title: 'This board cannot be opened',
    text: 'Its content is damaged. The owner can restore an earlier version; then reload this page.',
  },
}

/** What differs for guests, who have no account and came by a link. */
const GUEST_MESSAGES: Partial<typeof MESSAGES> = {
  sign_in_required: {
    title: 'Your visit has ended',
    text: 'Open the link again, or sign in.',
  },
  access_removed: {
    title: 'You no longer have access to this board',
    text: 'The link you came by has ended, you were removed, or guests are no longer let in. Ask for a new link, or sign in.',
  },
}

/** Covers a board that the user can no longer use. */
export function deniedNotice(reason: DenialReason, { kind }: Pick<User, 'kind'>): HTMLElement {
  const { title, text } = (kind === 'guest' && GUEST_MESSAGES[reason]) || MESSAGES[reason]
  return h(
    'div',
    { class: 'denied', role: 'alertdialog', 'aria-labelledby': 'denied-title' },
    h(
      'div',
      { class: 'denied-box' },
      h('h2', { id: 'denied-title' }, title),
      h('p', {}, text),
      // The page around the board of an app user has the way on.
      kind !== 'app_user' && wayOn(reason, kind === 'guest'),
    ),
  )
}

function wayOn(reason: DenialReason, isGuest: boolean): HTMLElement {
  if (reason === 'signed_in_as_another') return reloadButton()
  return isGuest || reason === 'sign_in_required'
    ? h('a', { class: 'button primary', href: signInUrl(location.pathname) }, 'Sign in')
    : h('a', { class: 'button primary', href: paths.home }, 'Go to my boards')
}
