import type { DenialReason, User } from '@mindfuse/client'
import { useEffect, useRef } from 'react'
import { useMessages } from '../language/language.ts'
import { BoardsLink, ReloadButton, SignedInAs, SignInLink } from '../pages/simple-pages.tsx'
import { type Denial, textsOfDenial } from './denial-texts.ts'

/** Covers a board that the user can no longer use. */
export function Denied({ denial, user }: { denial: Denial; user: User }) {
  const { text } = useMessages()
  const [title, explanation] = textsOfDenial(denial, user)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.querySelector<HTMLElement>('a, button')?.focus(), [])
  return (
    <div
      className="denied"
      role="alertdialog"
      aria-labelledby="denied-title"
      aria-describedby="denied-text"
    >
      <div className="denied-box" ref={box}>
        <h2 id="denied-title">{text(title)}</h2>
        <p id="denied-text">{text(explanation)}</p>
        {/* The page around the board of an app user has the way on. */}
        {user.kind !== 'app_user' && <WayOn reason={denial.reason} user={user} />}
      </div>
    </div>
  )
}

function WayOn({ reason, user }: { reason: DenialReason; user: User }) {
  if (reason === 'signed_in_as_another') return <ReloadButton />
  if (user.kind === 'guest' || reason === 'sign_in_required') return <SignInLink />
  return (
    <>
      <BoardsLink />
      {reason === 'access_removed' && <SignedInAs user={user} />}
    </>
  )
}
