/**
 * Where to go in the web app after sign-in, as an absolute URL that cannot leave the web app's
 * origin; its root where `returnTo` is missing or points elsewhere.
 *
 * `//host` and `/\host` are other hosts to a browser, and it drops tabs and newlines before it
 * looks, so everything goes by what the URL parser makes of it.
 */
export function resolveReturnTo(returnTo: string | undefined, webOrigin: string): string {
  const root = new URL('/', webOrigin).href
  if (!returnTo?.startsWith('/') || !URL.canParse(returnTo, webOrigin)) return root
  const url = new URL(returnTo, webOrigin)
  return url.origin === webOrigin ? url.href : root
}
