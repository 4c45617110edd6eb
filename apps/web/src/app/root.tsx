import { useCallback, useEffect, useState } from 'react'
import { ProblemPage, SignInFailedPage } from '../pages/problem-pages.tsx'
import { UnreachablePage } from '../pages/simple-pages.tsx'
import { attempt } from '../ui/toast.ts'
import { FailureBoundary } from './failure-boundary.tsx'
import type { Problem } from './problem.ts'
import { isSignIn, paths } from './router.ts'
import { openSession, type Session } from './session.ts'
import { SignedIn } from './signed-in.tsx'
import { SignedOut } from './signed-out.tsx'

/** The web app. Finds out who is signed in, unless the page is the answer to a request that failed. */
export function Root({
  problem,
  opening,
}: {
  problem: Problem | undefined
  opening: Promise<Session> | undefined
}) {
  return (
    <FailureBoundary>
      {problem ? failedRequest(problem) : <WebApp opening={opening} />}
    </FailureBoundary>
  )
}

function failedRequest(problem: Problem) {
  if (isSignIn(location.pathname)) return <FailedSignIn problem={problem} />
  return <ProblemPage problem={problem} />
}

/** Who is signed in anyway, by another tab or before, goes on. */
function FailedSignIn({ problem }: { problem: Problem }) {
  const [session] = useSession()
  const isSignedIn = session?.kind === 'signed_in'
  useEffect(() => {
    if (isSignedIn) location.replace(paths.home)
  }, [isSignedIn])
  return session && !isSignedIn ? <SignInFailedPage problem={problem} /> : null
}

function WebApp({ opening }: { opening: Promise<Session> | undefined }) {
  const [session, openAgain, end] = useSession(opening)
  switch (session?.kind) {
    case 'signed_in':
      return <SignedIn session={session} onSignedOut={end} />
    case 'signed_out':
      return <SignedOut />
    case 'unknown':
      return <UnreachablePage onRetry={openAgain} />
    default:
      return null
  }
}

/**
 * The session, once it is known; a function that looks again, and one that ends it here.
 *
 * @param opening where that has begun already
 */
function useSession(
  opening?: Promise<Session>,
): [session: Session | undefined, open: () => void, end: () => void] {
  const [session, setSession] = useState<Session>()
  const show = useCallback(
    (found: Promise<Session>) => attempt(async () => setSession(await found)),
    [],
  )
  useEffect(() => show(opening ?? openSession()), [show, opening])
  const open = useCallback(() => show(openSession()), [show])
  return [session, open, useCallback(() => setSession(undefined), [])]
}
