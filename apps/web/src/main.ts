import './styles/base.css'
import './styles/pages.css'
import './styles/board.css'
import type { App, Page } from './app/app.ts'
import { tokenOfEmbeddingPage } from './app/embedding-page.ts'
import { type Problem, readProblem } from './app/problem.ts'
import { isSignIn, paths, type Route, routeOf } from './app/router.ts'
import { openSession } from './app/session.ts'
import { boardPage } from './pages/board-page.ts'
import { boardsPage } from './pages/boards-page.ts'
import { chooseProviderPage } from './pages/choose-provider-page.ts'
import { invitePage } from './pages/invite-page.ts'
import { linkPage } from './pages/link-page.ts'
import { operationsPage } from './pages/operations-page.ts'
import { problemPage, signInFailedPage } from './pages/problem-pages.ts'
import {
  notFoundPage,
  signedOutElsewherePage,
  signInPage,
  unreachablePage,
} from './pages/simple-pages.ts'
import { trashPage } from './pages/trash-page.ts'
import { workspaceSettingsPage } from './pages/workspace-settings-page.ts'
import { fill } from './ui/dom.ts'
import { attempt } from './ui/toast.ts'

const root = document.querySelector('#app')
let page: Page | undefined

function show(next: Page): void {
  page?.close?.()
  page = next
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  document.querySelector('#toasts')?.replaceChildren()
  if (root) fill(root, next.element)
  document.title = next.title === '' ? 'Mindfuse' : `${next.title} – Mindfuse`
}

function pageOf(app: App, route: Route): Page {
  if (app.user.kind !== 'person') return guestPageOf(app, route)
  switch (route.kind) {
    case 'home':
      return boardsPage(app, undefined)
    case 'workspace':
      return boardsPage(app, route.workspaceId)
    case 'trash':
      return trashPage(app, route.workspaceId)
    case 'settings':
      return workspaceSettingsPage(app, route.workspaceId)
    case 'board':
    case 'embedded':
      return boardPage(app, route.boardId)
    case 'invite':
      return invitePage(app, route.token)
    case 'link':
      return linkPage(app, route.token)
    case 'sign-in':
      return chooseProviderPage()
    case 'operations':
      return app.user.isAdmin ? operationsPage(app) : notFoundPage()
    case 'unknown':
      return notFoundPage()
  }
}

/** Guests have boards and no lists. */
function guestPageOf(app: App, route: Route): Page {
  if (route.kind === 'board' || route.kind === 'embedded') return boardPage(app, route.boardId)
  return route.kind === 'link' ? linkPage(app, route.token) : signedOutPageOf(route)
}

function signedOutPageOf(route: Route): Page {
  if (route.kind === 'invite') return invitePage(undefined, route.token)
  if (route.kind === 'link') return linkPage(undefined, route.token)
  if (route.kind === 'embedded') return signedOutElsewherePage()
  return route.kind === 'sign-in' ? chooseProviderPage() : signInPage()
}

async function start(): Promise<void> {
  const here = () => routeOf(location.pathname)
  const isEmbedded = here().kind === 'embedded'
  const session = await openSession(isEmbedded ? { getToken: tokenOfEmbeddingPage } : {})
  if (session.kind === 'unknown') return show(unreachablePage(() => attempt(start)))
  if (session.kind === 'signed_out') return show(signedOutPageOf(here()))

  const { client, user } = session
  const app: App = {
    client,
    user,
    thumbnails: new Map(),
    navigate(path) {
      history.pushState(null, '', path)
      show(pageOf(app, here()))
    },
    async signOut() {
      await client.api.account.signOut()
      page?.close?.()
      page = undefined
      await client.forget()
      // The back button would show this page again as it was, without loading it.
      addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
      location.assign(paths.home)
    },
  }
  addEventListener('popstate', () => show(pageOf(app, here())))
  document.addEventListener('click', (event) => {
    const link = followed(event)
    if (!link) return
    event.preventDefault()
    app.navigate(link)
  })
  show(pageOf(app, here()))
}

/** The path and query of an internal link after a plain click; other clicks are left to the browser. */
function followed(event: MouseEvent): string | undefined {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return undefined
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || link.target || link.origin !== location.origin) return undefined
  return routeOf(link.pathname).kind === 'unknown' ? undefined : link.pathname + link.search
}

/** Shows why a request failed; who is signed in anyway, by another tab or before, goes on. */
async function explain(problem: Problem): Promise<void> {
  if (!isSignIn(location.pathname)) return show(problemPage(problem))
  const session = await openSession()
  if (session.kind === 'signed_in') return location.replace(paths.home)
  show(signInFailedPage(problem))
}

const problem = readProblem()
attempt(() => (problem ? explain(problem) : start()))
