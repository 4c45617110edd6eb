import { chooseProviderPage } from '../pages/choose-provider-page.ts'
import { invitePage } from '../pages/invite-page.ts'
import { linkPage } from '../pages/link-page.ts'
import { signedOutElsewherePage, signInPage } from '../pages/simple-pages.ts'
import type { Page } from './app.ts'
import { DomPage } from './dom-page.tsx'
import { type Route, routeOf } from './router.ts'

/** The pages of nobody: their links load the page anew. */
export function SignedOut() {
  return <DomPage open={openHere} />
}

const openHere = () => signedOutPageOf(routeOf(location.pathname))

/** What an address shows to who is not signed in. */
export function signedOutPageOf(route: Route): Page {
  if (route.kind === 'invite') return invitePage(undefined, route.token)
  if (route.kind === 'link') return linkPage(undefined, route.token)
  if (route.kind === 'embedded') return signedOutElsewherePage()
  return route.kind === 'sign-in' ? chooseProviderPage() : signInPage()
}
