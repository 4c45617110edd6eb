import type { DenialReason, User } from '@mindfuse/client'
import { useEffect, useRef } from 'react'
import type { PlainKey } from '../language/catalogue.ts'
import { useMessages } from '../language/language.ts'
import { BoardsLink, ReloadButton, SignInLink } from '../pages/simple-pages.tsx'

/** Of each reason, what happened, and what to do. */
const TEXTS: Record<DenialReason, readonly [title: PlainKey, text: PlainKey]> = {
  sign_in_required: ['page.signedOut', 'page.signedOut.text'],
  signed_in_as_another: ['page.anotherUser', 'page.anotherUser.text'],
  access_removed: ['denied.access_removed', 'denied.access_removed.text'],
  board_not_found: ['denied.board_not_found', 'denied.board_not_found.text'],
  origin_not_allowed: ['denied.origin_not_allowed', 'denied.origin_not_allowed.text'],
  too_large: ['denied.too_large', 'denied.too_large.text'],
  protocol: ['denied.protocol', 'denied.protocol.text'],
  document_failed: ['denied.document_failed', 'denied.document_failed.text'],
}

/** What differs for guests, who have no account and came by a link. */
const GUEST_TEXTS: Partial<typeof TEXTS> = {
  sign_in_required: ['denied.visitEnded', 'denied.visitEnded.text'],
  access_removed: ['denied.access_removed', 'denied.access_removed.guest'],
}

/** Covers a board that the user can no longer use. */
export function Denied({ reason, kind }: { reason: DenialReason } & Pick<User, 'kind'>) {
  const { text } = useMessages()
  const [title, explanation] = (kind === 'guest' && GUEST_TEXTS[reason]) || TEXTS[reason]
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.querySelector<HTMLElement>('a, button')?.focus(), [])
  return (
    <div className="denied" role="alertdialog" aria-labelledby="denied-title">
      <div className="denied-box" ref={box}>
        <h2 id="denied-title">{text(title)}</h2>
        <p>{text(explanation)}</p>
        {/* The page around the board of an app user has the way on. */}
        {kind !== 'app_user' && <WayOn reason={reason} isGuest={kind === 'guest'} />}
      </div>
    </div>
  )
}

function WayOn({ reason, isGuest }: { reason: DenialReason; isGuest: boolean }) {
  if (reason === 'signed_in_as_another') return <ReloadButton />
  return isGuest || reason === 'sign_in_required' ? <SignInLink /> : <BoardsLink />
}
