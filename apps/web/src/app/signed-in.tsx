import { MindfuseProvider } from '@mindfuse/react'
import { lazy, Suspense, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { forgetLibrary } from '../board/library-store.ts'
import { BoardsPage } from '../boards/boards-page.tsx'
import { TrashPage } from '../boards/trash-page.tsx'
import { NotFoundPage, VersionsForMembersPage } from '../pages/simple-pages.tsx'
import type { App } from './app.ts'
import { BoardRoute } from './board-route.tsx'
import { paths, type Route, routeOf } from './router.ts'
import type { Session } from './session.ts'
import { SignedOutPage } from './signed-out.tsx'
import { SiteHeader } from './site-header.tsx'
import { useRoute } from './use-route.ts'

const SettingsPage = lazy(() => import('../settings/settings-page.tsx'))
const AccountPage = lazy(() => import('../account/account-page.tsx'))
const ChooseProviderPage = lazy(() => import('../pages/choose-provider-page.tsx'))
const InvitePage = lazy(() => import('../pages/invite-page.tsx'))
const LinkPage = lazy(() => import('../pages/link-page.tsx'))
const VersionsPage = lazy(() => import('../versions/versions-page.tsx'))
const OperationsPage = lazy(() => import('../pages/operations-page.tsx'))

/** The pages of a user, who may be a guest on boards, or a user of another product. */
export function SignedIn({
  session,
  onSignedOut,
}: {
  session: Session & { kind: 'signed_in' }
  onSignedOut: () => void
}) {
  const { client } = session
  const [user, setUser] = useState(session.user)
  const [route, navigate] = useRoute()
  const { current: thumbnails } = useRef<App['thumbnails']>(new Map())
  const app = useMemo<App>(() => {
    const signOut = async () => {
      await client.api.account.signOut()
      await forget()
    }
    const forget = async () => {
      onSignedOut()
      await client.forget()
      if (user.kind === 'person') await forgetLibrary(user.id)
      // The back button would show this page again as it was, without loading it.
      addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
      location.assign(paths.home)
    }
    return { client, user, setUser, thumbnails, navigate, signOut, forget }
  }, [client, user, thumbnails, navigate, onSignedOut])
  useInternalLinks(navigate)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is over a page goes with it
  useLayoutEffect(() => closeOverlays, [route])
  return (
    <MindfuseProvider client={client}>
      <PageOf app={app} route={route} />
    </MindfuseProvider>
  )
}

function PageOf({ app, route }: { app: App; route: Route }) {
  if (route.kind === 'board' || route.kind === 'embedded') {
    return <BoardRoute key={route.boardId} app={app} boardId={route.boardId} visit={route} />
  }
  return (
    <Suspense fallback={null}>
      <PlainPage app={app} route={route} />
    </Suspense>
  )
}

/** The pages beside boards, of which guests have links alone. */
function PlainPage({ app, route }: { app: App; route: Route }) {
  if (route.kind === 'link') return <LinkPage key={route.token} app={app} token={route.token} />
  if (app.user.kind !== 'person') return <NoPersonPage route={route} />
  switch (route.kind) {
    case 'home':
      return <BoardsPage app={app} workspaceId={undefined} visit={route} />
    case 'workspace':
      return <BoardsPage app={app} workspaceId={route.workspaceId} visit={route} />
    case 'trash':
      return <TrashPage key={route.workspaceId} app={app} workspaceId={route.workspaceId} />
    case 'versions':
      return <VersionsPage key={route.boardId} app={app} boardId={route.boardId} visit={route} />
    case 'settings':
      return (
        <Suspense fallback={<EmptyPage app={app} />}>
          <SettingsPage
            key={route.workspaceId}
            app={app}
            workspaceId={route.workspaceId}
            section={route.section}
            visit={route}
          />
        </Suspense>
      )
    case 'account':
      return (
        <Suspense fallback={<EmptyPage app={app} />}>
          <AccountPage app={app} />
        </Suspense>
      )
    case 'operations':
      return app.user.isAdmin ? <OperationsPage app={app} /> : <NotFoundPage />
    case 'invite':
      return <InvitePage key={route.token} app={app} token={route.token} />
    case 'sign-in':
      return <ChooseProviderPage />
    default:
      return <NotFoundPage />
  }
}

/** What an address beside boards shows to guests, who have none of these pages. */
function NoPersonPage({ route }: { route: Route }) {
  if (route.kind === 'versions') return <VersionsForMembersPage boardId={route.boardId} />
  return <SignedOutPage route={route} />
}

/** Before a page is loaded. */
function EmptyPage({ app }: { app: App }) {
  return (
    <div className="site">
      <SiteHeader app={app} />
    </div>
  )
}

/** Follows links to pages of the web app without loading it anew; other clicks are left to the browser. */
function useInternalLinks(navigate: (path: string) => void): void {
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const path = internalPathOf(event)
      if (path === undefined) return
      event.preventDefault()
      navigate(path)
    }
    document.addEventListener('click', onClick)
    return () => document.removeEventListener('click', onClick)
  }, [navigate])
}

/** The path and query of an internal link after a plain click. */
function internalPathOf(event: MouseEvent): string | undefined {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return undefined
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || link.target || link.origin !== location.origin) return undefined
  return routeOf(link.pathname).kind === 'unknown' ? undefined : link.pathname + link.search
}

function closeOverlays(): void {
  document.querySelector('#toasts')?.replaceChildren()
}
