import type { DenialReason, User } from '@mindfuse/client'
import { useEffect, useRef } from 'react'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'

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
export function Denied({ reason, kind }: { reason: DenialReason } & Pick<User, 'kind'>) {
  const { title, text } = (kind === 'guest' && GUEST_MESSAGES[reason]) || MESSAGES[reason]
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.querySelector<HTMLElement>('a, button')?.focus(), [])
  return (
    <div className="denied" role="alertdialog" aria-labelledby="denied-title">
      <div className="denied-box" ref={box}>
        <h2 id="denied-title">{title}</h2>
        <p>{text}</p>
        {/* The page around the board of an app user has the way on. */}
        {kind !== 'app_user' && <WayOn reason={reason} isGuest={kind === 'guest'} />}
      </div>
    </div>
  )
}

function WayOn({ reason, isGuest }: { reason: DenialReason; isGuest: boolean }) {
  if (reason === 'signed_in_as_another') {
    return (
      <button type="button" className="primary" onClick={() => location.reload()}>
        Reload
      </button>
    )
  }
  const signsIn = isGuest || reason === 'sign_in_required'
  return (
    <a className="button primary" href={signsIn ? signInUrl(location.pathname) : paths.home}>
      {signsIn ? 'Sign in' : 'Go to my boards'}
    </a>
  )
}
