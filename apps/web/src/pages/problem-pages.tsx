import type { Problem } from '../app/problem.ts'
import { paths } from '../app/router.ts'
import { messages, useMessages } from '../language/language.ts'
import { problemKey } from '../language/problem-texts.ts'
import { BoardsLink, MessagePage, NotFoundPage, ReloadButton, SignInLink } from './simple-pages.tsx'

/** The server's own sentence where there is no other. */
function sentenceOf({ code, detail }: Problem): string {
  const key = problemKey(code)
  return key === undefined ? `${detail}.` : messages().text(key)
}

/** A sign-in that did not end in a session. */
export function SignInFailedPage({ problem }: { problem: Problem }) {
  const { text } = useMessages()
  return (
    <MessagePage title={text('page.signInFailed')}>
      <p>{sentenceOf(problem)}</p>
      <SignInLink path={paths.home}>{text('page.signInAgain')}</SignInLink>
    </MessagePage>
  )
}

/** Any other request of the address bar or of a link that failed. */
export function ProblemPage({ problem }: { problem: Problem }) {
  const { text } = useMessages()
  const { status, requestId } = problem
  if (status === 404) return <NotFoundPage />
  if (status === 429 || status >= 500) {
    return (
      <MessagePage title={text('page.failed')}>
        <p>{sentenceOf(problem)}</p>
        <p className="hint">{text('page.reference', { id: requestId })}</p>
        <ReloadButton label={text('action.tryAgain')} />
      </MessagePage>
    )
  }
  return (
    <MessagePage title={text('page.noAddress')}>
      {/* Of routes that take a token, which no link can send. */}
      <p>{status === 401 ? text('page.forPrograms') : sentenceOf(problem)}</p>
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
