import { MindfuseProvider } from '@mindfuse/react'
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { BoardsPage } from '../boards/boards-page.tsx'
import { TrashPage } from '../boards/trash-page.tsx'
import { useMessages } from '../language/language.ts'
import { chooseProviderPage } from '../pages/choose-provider-page.ts'
import { invitePage } from '../pages/invite-page.ts'
import { linkPage } from '../pages/link-page.ts'
import { operationsPage } from '../pages/operations-page.ts'
import { notFoundPage } from '../pages/simple-pages.ts'
import type { App, Page } from './app.ts'
import { DomPage } from './dom-page.tsx'
import { paths, type Route, routeOf } from './router.ts'
import type { Session } from './session.ts'
import { signedOutPageOf } from './signed-out.tsx'
import { SiteHeader } from './site-header.tsx'
import { useRoute } from './use-route.ts'

/** Loaded with the first board: lists do without it. */
const BoardPage = lazy(() => import('../pages/board-page.tsx'))
const SettingsPage = lazy(() => import('../settings/settings-page.tsx'))
const AccountPage = lazy(() => import('../account/account-page.tsx'))

/** The pages of a user, who may be a guest on boards, or a user of another product. */
export function SignedIn({
  session: { client, user },
  onSignedOut,
}: {
  session: Session & { kind: 'signed_in' }
  onSignedOut: () => void
}) {
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
      // The back button would show this page again as it was, without loading it.
      addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
      location.assign(paths.home)
    }
    return { client, user, thumbnails, navigate, signOut, forget }
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
  const { text } = useMessages()
  const open = useCallback(() => pageOf(app, route), [app, route])
  if (route.kind !== 'board' && route.kind !== 'embedded') {
    if (app.user.kind === 'person') return <ListPage app={app} route={route} open={open} />
    return <DomPage open={open} />
  }
  const { boardId } = route
  return (
    <Suspense fallback={<p className="hint centered">{text('board.opening')}</p>}>
      <BoardPage key={boardId} app={app} boardId={boardId} visit={route} />
    </Suspense>
  )
}

/** The pages beside boards, which guests have none of. */
function ListPage({ app, route, open }: { app: App; route: Route; open: () => Page }) {
  switch (route.kind) {
    case 'home':
      return <BoardsPage app={app} workspaceId={undefined} visit={route} />
    case 'workspace':
      return <BoardsPage app={app} workspaceId={route.workspaceId} visit={route} />
    case 'trash':
      return <TrashPage key={route.workspaceId} app={app} workspaceId={route.workspaceId} />
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
      return (
        <div className="site">
          <SiteHeader app={app} />
          <DomPage open={open} />
        </div>
      )
    default:
      return <DomPage open={open} />
  }
}

/** Before a page is loaded. */
function EmptyPage({ app }: { app: App }) {
  return (
    <div className="site">
      <SiteHeader app={app} />
    </div>
  )
}

/** Pages that are made of DOM elements. */
function pageOf(app: App, route: Route): Page {
  if (route.kind === 'link') return linkPage(app, route.token)
  if (app.user.kind !== 'person') return signedOutPageOf(route)
  switch (route.kind) {
    case 'invite':
      return invitePage(app, route.token)
    case 'sign-in':
      return chooseProviderPage()
    case 'operations':
      return app.user.isAdmin ? operationsPage(app) : notFoundPage()
    default:
      return notFoundPage()
  }
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
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  document.querySelector('#toasts')?.replaceChildren()
}
