import { useCallback, useEffect, useState } from 'react'
import { problemPage, signInFailedPage } from '../pages/problem-pages.ts'
import { unreachablePage } from '../pages/simple-pages.ts'
import { attempt } from '../ui/toast.ts'
import { DomPage } from './dom-page.tsx'
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
  return <DomPage open={() => problemPage(problem)} />
}

/** Who is signed in anyway, by another tab or before, goes on. */
function FailedSignIn({ problem }: { problem: Problem }) {
  const [session] = useSession()
  const isSignedIn = session?.kind === 'signed_in'
  useEffect(() => {
    if (isSignedIn) location.replace(paths.home)
  }, [isSignedIn])
  const open = useCallback(() => signInFailedPage(problem), [problem])
  return session && !isSignedIn ? <DomPage open={open} /> : null
}

function WebApp() {
  const [session, openAgain, end] = useSession()
  const openUnreachable = useCallback(() => unreachablePage(openAgain), [openAgain])
  switch (session?.kind) {
    case 'signed_in':
      return <SignedIn session={session} onSignedOut={end} />
    case 'signed_out':
      return <SignedOut />
    case 'unknown':
      return <DomPage open={openUnreachable} />
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
