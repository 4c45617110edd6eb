import { lazy, Suspense } from 'react'
import { SignedOutElsewherePage, SignInPage } from '../pages/simple-pages.tsx'
import { type Route, routeOf } from './router.ts'

const ChooseProviderPage = lazy(() => import('../pages/choose-provider-page.tsx'))
const InvitePage = lazy(() => import('../pages/invite-page.tsx'))
const LinkPage = lazy(() => import('../pages/link-page.tsx'))

/** The pages of nobody: their links load the page anew. */
export function SignedOut() {
  return (
    <Suspense fallback={null}>
      <SignedOutPage route={routeOf(location.pathname)} />
    </Suspense>
  )
}

/** What an address shows to who is not signed in. */
export function SignedOutPage({ route }: { route: Route }) {
  switch (route.kind) {
    case 'invite':
      return <InvitePage app={undefined} token={route.token} />
    case 'link':
      return <LinkPage app={undefined} token={route.token} />
    case 'embedded':
      return <SignedOutElsewherePage />
    case 'sign-in':
      return <ChooseProviderPage />
    default:
      return <SignInPage />
  }
}
