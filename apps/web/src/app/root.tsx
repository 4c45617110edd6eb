import { useCallback, useEffect, useState } from 'react'
import { ProblemPage, SignInFailedPage } from '../pages/problem-pages.tsx'
import { UnreachablePage } from '../pages/simple-pages.tsx'
import { attempt } from '../ui/toast.ts'
import { tokenOfEmbeddingPage } from './embedding-page.ts'
import { FailureBoundary } from './failure-boundary.tsx'
import type { Problem } from './problem.ts'
import { isSignIn, paths, routeOf } from './router.ts'
import { openSession, type Session } from './session.ts'
import { SignedIn } from './signed-in.tsx'
import { SignedOut } from './signed-out.tsx'

/** The web app. Finds out who is signed in, unless the page is the answer to a request that failed. */
export function Root({ problem }: { problem: Problem | undefined }) {
  return <FailureBoundary>{problem ? failedRequest(problem) : <WebApp />}</FailureBoundary>
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

function WebApp() {
  const [session, openAgain, end] = useSession()
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

/** The session, once it is known; a function that looks again, and one that ends it here. */
function useSession(): [session: Session | undefined, open: () => void, end: () => void] {
  const [session, setSession] = useState<Session>()
  const open = useCallback(() => {
    const isEmbedded = routeOf(location.pathname).kind === 'embedded'
    const source = isEmbedded ? { getToken: tokenOfEmbeddingPage } : {}
    attempt(async () => setSession(await openSession(source)))
  }, [])
  useEffect(open, [open])
  return [session, open, useCallback(() => setSession(undefined), [])]
}
