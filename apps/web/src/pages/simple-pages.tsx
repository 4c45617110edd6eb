import { type EventsState, MindfuseError, type User } from '@mindfuse/client'
import type { ReactElement, ReactNode } from 'react'
import { paths } from '../app/router.ts'
import { signInUrl } from '../app/session.ts'
import { useTitle } from '../app/use-title.ts'
import { useMessages } from '../language/language.ts'

/** A page with a single message. */
export function MessagePage({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title)
  return (
    <main className="message-page">
      <span className="logo" aria-hidden="true" />
      <h1>{title}</h1>
      {children}
    </main>
  )
}

export function SignInPage() {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.signIn')}>
      <p>{text('page.signIn.text')}</p>
      <SignInLink className="button primary large" />
    </MessagePage>
  )
}

/** Instead of a board in a frame, of a page whose user is signed out there. */
export function SignedOutElsewherePage() {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.signedOut')}>
      <p>{text('page.signedOutElsewhere.text')}</p>
    </MessagePage>
  )
}

/** Instead of a page whose user is signed out, in another tab for example. */
function SignedOutPage() {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.signedOut')}>
      <p>{text('page.signedOut.text')}</p>
      <SignInLink />
    </MessagePage>
  )
}

/** Instead of a page of a user who is not the one signed in any longer. */
function AnotherUserPage() {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.anotherUser')}>
      <p>{text('page.anotherUser.text')}</p>
      <ReloadButton />
    </MessagePage>
  )
}

export function NotFoundPage() {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.notFound')}>
      <p>{text('page.notFound.text')}</p>
      <BoardsLink />
    </MessagePage>
  )
}

/** Instead of the versions of a board, for who came to it by a link. */
export function VersionsForMembersPage({ boardId }: { boardId: string }) {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.versionsForMembers')}>
      <p>{text('page.versionsForMembers.text')}</p>
      <a className="button primary" href={paths.board(boardId)}>
        {text('versions.back')}
      </a>
      <SignInLink className="" />
    </MessagePage>
  )
}

/** Who a person is signed in as, and the way to be another and come back to `path`. */
export function SignedInAs({ user, path = location.pathname }: { user: User; path?: string }) {
  const { text } = useMessages()
  return (
    <p className="hint">
      {text('page.signedInAs', { email: user.email ?? '' })}{' '}
      <a href={signInUrl(path, { selectAccount: true })}>{text('page.anotherAccount')}</a>
    </p>
  )
}

/** Instead of a page that its user may not see; undefined where trying again may help. */
export function refusedPage(error: unknown): ReactElement | undefined {
  const { status, code } = error instanceof MindfuseError ? error : { status: 0, code: '' }
  if (code === 'signed_in_as_another') return <AnotherUserPage />
  if (status === 401) return <SignedOutPage />
  return status === 404 || status === 400 ? <NotFoundPage /> : undefined
}

/** Instead of a page whose live lists are refused for good; undefined while they may come back. */
export function deniedPage(state: EventsState): ReactElement | undefined {
  if (state.kind !== 'denied') return undefined
  if (state.reason === 'sign_in_required') return <SignedOutPage />
  if (state.reason === 'signed_in_as_another') return <AnotherUserPage />
  return state.reason === 'workspace_not_found' ? <NotFoundPage /> : undefined
}

export function UnreachablePage({ onRetry }: { onRetry: () => void }) {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.unreachable')}>
      <p>{text('page.unreachable.text')}</p>
      <button type="button" className="primary" onClick={onRetry}>
        {text('action.tryAgain')}
      </button>
    </MessagePage>
  )
}

/** Leads to the list of boards. */
export function BoardsLink({ className = 'button primary' }: { className?: string | undefined }) {
  const { text } = useMessages()
  return (
    <a className={className} href={paths.home}>
      {text('action.goToBoards')}
    </a>
  )
}

/** Leads to signing in, and from there back here. */
export function SignInLink({
  path = location.pathname,
  className = 'button primary',
  children,
}: {
  path?: string
  className?: string
  /** Says what for; else "Sign in". */
  children?: ReactNode
}) {
  const { text } = useMessages()
  return (
    <a className={className} href={signInUrl(path)}>
      {children ?? text('action.signIn')}
    </a>
  )
}

/** Loads the page again. */
export function ReloadButton({ label }: { label?: string }) {
  const { text } = useMessages()
  return (
    <button type="button" className="primary" onClick={() => location.reload()}>
      {label ?? text('action.reload')}
    </button>
  )
}
