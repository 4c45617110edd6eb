import type { DenialReason } from '@mindfuse/client'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { h } from '../ui/dom.ts'

const MESSAGES: Record<DenialReason, { title: string; text: string }> = {
  sign_in_required: {
    title: 'You are signed out',
    text: 'Sign in again to go on. What was not saved is kept on this device.',
  },
  access_removed: {
    title: 'You are no longer on this board',
    text: 'Somebody took your access back. Ask them for a new invite.',
  },
  board_not_found: {
    title: 'This board is gone',
    text: 'It is in the trash, or was deleted, or is not shared with you.',
  },
  origin_not_allowed: {
    title: 'This page may not connect',
    text: 'The gateway does not know the address of this page: WEB_ORIGINS has to name it.',
  },
  too_large: { title: 'Disconnected', text: 'Something that was sent was too large. Reload.' },
  protocol: { title: 'Reload this page', text: 'It is older than the server.' },
}

/** What stands over a board that one may not go on with. */
export function deniedNotice(reason: DenialReason): HTMLElement {
  const { title, text } = MESSAGES[reason]
  const isSignedOut = reason === 'sign_in_required'
  return h(
    'div',
    { class: 'denied', role: 'alertdialog', 'aria-labelledby': 'denied-title' },
    h(
      'div',
      { class: 'denied-box' },
      h('h2', { id: 'denied-title' }, title),
      h('p', {}, text),
      isSignedOut
        ? h('a', { class: 'button primary', href: signInUrl(location.pathname) }, 'Sign in')
        : h('a', { class: 'button primary', href: paths.home }, 'To my boards'),
    ),
  )
}
