import { eventually } from './eventually.ts'

/** Redirects followed for one request before it counts as a loop. */
const MAX_REDIRECTS = 10

/** A user who is signed in. */
export interface SignedIn {
  accessToken: string
  expiresAt: string
  user: { id: string; email: string; name: string }
  browser: Browser
}

/** As much of a browser as signing in takes: it keeps cookies and follows redirects. */
export class Browser {
  readonly cookies = new Map<string, string>()

  /** The header with which it sends its cookies. */
  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Like `fetch`, with the cookies kept so far; redirects are followed unless `init` says no. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    let next = url
    for (let i = 0; i < MAX_REDIRECTS; i++) {
      const headers = new Headers(init.headers)
      if (this.cookies.size > 0) headers.set('cookie', this.cookieHeader)
      const response = await fetch(next, { ...init, headers, redirect: 'manual' })
      for (const line of response.headers.getSetCookie()) this.#keep(line)
      const location = response.headers.get('location')
      const isRedirect = response.status >= 300 && response.status < 400 && location
      if (!isRedirect || init.redirect === 'manual') return response
      next = new URL(location, next).href
    }
    throw new Error(`more than ${MAX_REDIRECTS} redirects from ${url}`)
  }

  #keep(setCookie: string): void {
    const [pair = '', ...attributes] = setCookie.split(';').map((part) => part.trim())
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const expires = attributes.find((attribute) => /^expires=/i.test(attribute))?.slice(8)
    const isGone =
      attributes.some((attribute) => /^max-age=0$/i.test(attribute)) ||
      (expires !== undefined && Date.parse(expires) <= Date.now())
    if (isGone) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/**
 * Signs in at the local identity provider, the whole way round. An API that is overloaded for the
 * moment answers 503 and is asked again.
 */
export async function signIn(
  apiUrl: string,
  email: string,
  browser = new Browser(),
): Promise<SignedIn> {
  const url = `${apiUrl}/api/auth/google?login_hint=${encodeURIComponent(email)}`
  const response = await eventually('the API has time for a sign-in', async () => {
    const answer = await browser.fetch(url, { headers: { accept: 'application/json' } })
    return answer.status === 503 ? undefined : answer
  })
  if (response.status !== 200) throw new Error(`sign-in answered ${response.status}`)
  return { ...((await response.json()) as Omit<SignedIn, 'browser'>), browser }
}
