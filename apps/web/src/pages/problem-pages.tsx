import type { Problem } from '../app/problem.ts'
import { paths } from '../app/router.ts'
import { useMessages } from '../language/language.ts'
import { BoardsLink, MessagePage, NotFoundPage, ReloadButton, SignInLink } from './simple-pages.tsx'

/** A sign-in that did not end in a session. */
export function SignInFailedPage({ problem: { detail } }: { problem: Problem }) {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.signInFailed')}>
      <p>{`${detail}.`}</p>
      <SignInLink path={paths.home}>{text('page.signInAgain')}</SignInLink>
    </MessagePage>
  )
}

/** Any other request of the address bar or of a link that failed. */
export function ProblemPage({ problem: { status, detail, requestId } }: { problem: Problem }) {
  const { text } = useMessages()
  if (status === 404) return <NotFoundPage />
  if (status === 429 || status >= 500) {
    return (
      <MessagePage title={text('page.failed')}>
        <p>{`${detail}.`}</p>
        <p className="hint">{text('page.reference', { id: requestId })}</p>
        <ReloadButton label={text('action.tryAgain')} />
      </MessagePage>
    )
  }
  return (
    <MessagePage title={text('page.noAddress')}>
      {/* Of routes that take a token, which no link can send. */}
      <p>{status === 401 ? text('page.forPrograms') : `${detail}.`}</p>
      <BoardsLink />
    </MessagePage>
  )
}

/** Instead of a page that failed by itself. */
export function FailedPage() {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.failed')}>
      <p>{text('page.broken.text')}</p>
      <ReloadButton />
    </MessagePage>
  )
}
