import { Browser, callApi, type SignedIn, signIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { send } from '../support/send.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

const SESSION_COOKIE = 'mindfuse_session'
const JSON_ACCEPT = { accept: 'application/json' }
const test = base
  .extend(
    'api',
    ({ stack }) =>
      (path: string) =>
        `${stack.apiUrl}${path}`,
  )
  /** Gets a browser to the callback, without calling it. */
  .extend('callbackUrl', ({ api }) => async (browser: Browser): Promise<string> => {
    const start = await browser.fetch(api('/api/auth/google?login_hint=ada@example.com'), {
      redirect: 'manual',
    })
    const authorize = await fetch(start.headers.get('location')!, { redirect: 'manual' })
    return authorize.headers.get('location')!
  })
  .extend(
    'refresh',
    ({ api }) =>
      (browser: Browser, headers: Record<string, string> = {}) =>
        browser.fetch(api('/api/auth/token'), { method: 'POST', headers }),
  )
  /** Makes rotations that much older. */
  .extend('passTime', ({ stack }) => async (interval: string) => {
    await stack.database.query(
      `WITH retired AS (UPDATE session_retired_tokens SET retired_at = retired_at - $1::interval)
       UPDATE sessions SET rotated_at = rotated_at - $1::interval`,
      [interval],
    )
  })

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const { status, code } = (await response.json()) as { status: number; code: string }
  expect(status).toBe(response.status)
  return { status, code }
}

describe('sign-in', () => {
  test('ends in an access token and the person, who is then known to /me', async ({
    person,
    api,
  }) => {
    const { accessToken, expiresAt, user } = await person('ada')
    expect(user).toMatchObject({ email: 'ada@example.com', name: 'Ada', avatarUrl: null })
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(15 * 60 * 1_000)
    const me = await callApi(api('/api/auth/me'), { token: accessToken })
    expect(me.body).toEqual(user)
  })

  test('knows the same person again, and gives them one personal workspace', async ({
    stack,
    api,
  }) => {
    const email = 'grace@example.com'
    const [first] = await Promise.all([1, 2, 3, 4].map(() => signIn(stack.apiUrl, email)))
    const again = await signIn(stack.apiUrl, email)
    expect(again.user.id).toBe(first!.user.id)
    const { body } = await callApi(api('/api/workspaces'), { token: again.accessToken })
    expect(body.items).toHaveLength(1)
    expect(body.items[0]).toMatchObject({ type: 'personal', access: { role: 'owner' } })
  })

  test('sends a browser on to the web app, and nowhere else', async ({ api }) => {
    const cases = {
      '/boards/1?x=y#z': `${WEB_ORIGIN}/boards/1?x=y#z`,
      'https://evil.example/': `${WEB_ORIGIN}/`,
      '//evil.example/': `${WEB_ORIGIN}/`,
      '/\\evil.example/': `${WEB_ORIGIN}/`,
      '/\t/evil.example/': `${WEB_ORIGIN}/`,
    }
    for (const [returnTo, destination] of Object.entries(cases)) {
      const browser = new Browser()
      const query = new URLSearchParams({ login_hint: 'ada@example.com', returnTo })
      const start = await browser.fetch(api(`/api/auth/google?${query}`), { redirect: 'manual' })
      const authorize = await fetch(start.headers.get('location')!, { redirect: 'manual' })
      const end = await browser.fetch(authorize.headers.get('location')!, { redirect: 'manual' })
      expect(end.status).toBe(302)
      expect(end.headers.get('location')).toBe(destination)
      expect(browser.cookies.has(SESSION_COOKIE)).toBe(true)
    }
  })

  test('refuses a callback that did not start in this browser', async ({ callbackUrl }) => {
    const url = await callbackUrl(new Browser())
    const refused = await new Browser().fetch(url, { headers: JSON_ACCEPT })
    expect(await problemOf(refused)).toEqual({ status: 400, code: 'oauth_state_invalid' })
  })

  test('refuses a forged state, and a code that was used', async ({ callbackUrl }) => {
    const browser = new Browser()
    const url = await callbackUrl(browser)
    const forged = new URL(url)
    forged.searchParams.set('state', 'forged')
    const cookies = new Map(browser.cookies)
    expect(await problemOf(await browser.fetch(forged.href))).toMatchObject({
      code: 'oauth_state_invalid',
    })
    for (const [name, value] of cookies) browser.cookies.set(name, value)
    expect((await browser.fetch(url, { headers: JSON_ACCEPT })).status).toBe(200)
    for (const [name, value] of cookies) browser.cookies.set(name, value)
    expect(await problemOf(await browser.fetch(url))).toEqual({
      status: 401,
      code: 'sign_in_refused',
    })
  })

  test('ends in each of the tabs that sign in at the same time, in any order', async ({
    callbackUrl,
  }) => {
    const browser = new Browser()
    const urls = [await callbackUrl(browser), await callbackUrl(browser)]
    for (const url of urls) {
      expect((await browser.fetch(url, { headers: JSON_ACCEPT })).status).toBe(200)
    }
    // The same callback again, by the back button: the session stays as it is.
    const before = browser.cookies.get(SESSION_COOKIE)
    const again = await browser.fetch(urls[0]!, { headers: JSON_ACCEPT })
    expect(await problemOf(again)).toEqual({ status: 400, code: 'oauth_state_invalid' })
    expect(browser.cookies.get(SESSION_COOKIE)).toBe(before)
  })

  test('begins at the public URL, to which the cookies belong', async ({ stack }) => {
    const query = '?login_hint=ada@example.com&returnTo=/boards/1'
    const elsewhere = stack.apiUrl.replace('localhost', '127.0.0.1')
    const start = await fetch(`${elsewhere}/api/auth/google${query}`, { redirect: 'manual' })
    expect(start.status).toBe(302)
    expect(start.headers.get('location')).toBe(`${stack.apiUrl}/api/auth/google${query}`)
    expect(start.headers.getSetCookie()).toEqual([])
  })

  test('that fails is a page for a browser, with a way on', async ({ stack }) => {
    // Not by `fetch`, which tells in its headers that it is a script.
    const headers = { accept: 'text/html,*/*;q=0.8' }
    for (const query of ['code=x&state=y', 'error=access_denied', 'state=a&state=b', '']) {
      const path = `/api/auth/google/callback?${query}`
      const page = await send(stack.apiUrl, { method: 'GET', path, headers })
      expect([400, 401]).toContain(page.status)
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'/)
      expect(page.text).toContain(`<a href="${WEB_ORIGIN}">`)
    }
  })

  test('says so when the provider refuses', async ({ api }) => {
    const response = await fetch(api('/api/auth/google/callback?error=access_denied'))
    expect(await problemOf(response)).toEqual({ status: 401, code: 'sign_in_refused' })
  })
})

describe('an identity provider that cannot be reached', () => {
  test('is a 503 of sign-in alone, and sign-in works again by itself', async ({
    stack,
    api,
    person,
  }) => {
    await stack.stopIdentityProvider()
    await stack.stopApi()
    await stack.startApi()
    expect((await fetch(api('/health'))).status).toBe(200)
    const response = await fetch(api('/api/auth/google'), { redirect: 'manual' })
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await problemOf(response)).toEqual({
      status: 503,
      code: 'identity_provider_unavailable',
    })
    await stack.startIdentityProvider()
    expect((await person('ada')).user.name).toBe('Ada')
  })
})

describe('sessions', () => {
  const holding = (value: string) => {
    const browser = new Browser()
    browser.cookies.set(SESSION_COOKIE, value)
    return browser
  }

  test('a cookie is good for fresh access tokens, and changes each time', async ({
    person,
    refresh,
    api,
  }) => {
    const ada = await person('ada')
    const before = ada.browser.cookies.get(SESSION_COOKIE)
    const response = await refresh(ada.browser)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(ada.browser.cookies.get(SESSION_COOKIE)).not.toBe(before)
    const { accessToken } = (await response.json()) as { accessToken: string }
    expect((await callApi(api('/api/auth/me'), { token: accessToken })).status).toBe(200)
  })

  test('tabs that ask at the same moment all get a token, and the same new cookie', async ({
    person,
    refresh,
  }) => {
    const ada = await person('ada')
    const value = ada.browser.cookies.get(SESSION_COOKIE)!
    const tabs = Array.from({ length: 8 }, () => holding(value))
    const responses = await Promise.all(tabs.map((tab) => refresh(tab)))
    expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200))
    const values = new Set(tabs.map((tab) => tab.cookies.get(SESSION_COOKIE)))
    expect(values.size).toBe(1)
    expect(values).not.toContain(value)
    expect((await refresh(tabs[0]!)).status).toBe(200)
  })

  test.for([
    ['11 seconds, from another client', '11 seconds', { 'user-agent': 'thief/1' }],
    ['61 seconds, from the same client', '61 seconds', {}],
  ] as const)(
    'a value that comes back after %s ends the session and its tokens',
    async ([_, time, headers], { person, refresh, passTime, api }) => {
      const ada = await person('ada')
      const stolen = ada.browser.cookies.get(SESSION_COOKIE)!
      await refresh(ada.browser)
      await passTime(time)
      expect((await refresh(holding(stolen), headers)).status).toBe(401)
      expect((await refresh(ada.browser)).status).toBe(401)
      expect((await callApi(api('/api/auth/me'), { token: ada.accessToken })).status).toBe(401)
    },
  )

  test('a reply that gets lost is given again to the client that repeats its request', async ({
    person,
    refresh,
    passTime,
  }) => {
    const ada = await person('ada')
    const value = ada.browser.cookies.get(SESSION_COOKIE)!
    const lost = holding(value)
    await refresh(lost)
    await passTime('50 seconds')
    expect((await refresh(ada.browser)).status).toBe(200)
    expect(ada.browser.cookies.get(SESSION_COOKIE)).toBe(lost.cookies.get(SESSION_COOKIE))
    expect((await refresh(ada.browser)).status).toBe(200)
  })

  test('another client gets a token in the grace, and not the cookie', async ({
    person,
    refresh,
  }) => {
    const ada = await person('ada')
    const value = ada.browser.cookies.get(SESSION_COOKIE)!
    await refresh(ada.browser)
    const other = holding(value)
    expect((await refresh(other, { 'user-agent': 'other/1' })).status).toBe(200)
    expect(other.cookies.get(SESSION_COOKIE)).toBe(value)
  })

  test('sign-out with a value that was just replaced ends the session', async ({
    person,
    refresh,
    api,
  }) => {
    const ada = await person('ada')
    const late = holding(ada.browser.cookies.get(SESSION_COOKIE)!)
    await refresh(ada.browser)
    expect((await late.fetch(api('/api/auth/logout'), { method: 'POST' })).status).toBe(204)
    expect((await refresh(ada.browser)).status).toBe(401)
    expect((await callApi(api('/api/auth/me'), { token: ada.accessToken })).status).toBe(401)
  })

  test('a value older than the last one ends the session even within the grace', async ({
    person,
    refresh,
  }) => {
    const ada = await person('ada')
    const stolen = ada.browser.cookies.get(SESSION_COOKIE)!
    await refresh(ada.browser)
    await refresh(ada.browser)
    expect((await refresh(holding(stolen))).status).toBe(401)
    expect((await refresh(ada.browser)).status).toBe(401)
  })

  test('no cookie, an unknown one, or one of a session that is over: 401', async ({
    refresh,
    person,
    stack,
    api,
  }) => {
    expect((await refresh(new Browser())).status).toBe(401)
    expect((await refresh(holding('unknown'))).status).toBe(401)
    const ada = await person('ada')
    await stack.database.query('UPDATE sessions SET expires_at = now()')
    expect((await refresh(ada.browser)).status).toBe(401)
    expect((await callApi(api('/api/auth/me'), { token: ada.accessToken })).status).toBe(401)
  })

  test('the database holds no session value', async ({ person, refresh, stack }) => {
    const ada = await person('ada')
    await refresh(ada.browser)
    const rows = await stack.database.query(
      'SELECT s::text || r::text AS text FROM sessions s JOIN session_retired_tokens r ON session_id = id',
    )
    expect(rows.length).toBeGreaterThan(0)
    const value = ada.browser.cookies.get(SESSION_COOKIE)!
    const hex = Buffer.from(value, 'base64url').toString('hex')
    for (const { text } of rows) {
      expect(text).not.toContain(value)
      expect(text).not.toContain(hex)
    }
  })

  test.for([
    ['the cookie', (ada: SignedIn, url: string) => ada.browser.fetch(url, { method: 'POST' })],
    [
      'an access token',
      (ada: SignedIn, url: string) =>
        fetch(url, {
          method: 'POST',
          headers: { authorization: `Bearer ${ada.accessToken}` },
        }),
    ],
  ] as const)(
    'sign-out by %s ends the session and its access tokens',
    async ([_, signOut], { person, refresh, api }) => {
      const ada = await person('ada')
      const browser = new Browser()
      for (const [name, value] of ada.browser.cookies) browser.cookies.set(name, value)
      expect((await signOut(ada, api('/api/auth/logout'))).status).toBe(204)
      expect((await refresh(browser)).status).toBe(401)
      expect((await callApi(api('/api/auth/me'), { token: ada.accessToken })).status).toBe(401)
    },
  )

  test('another site cannot make a browser refresh or sign out', async ({ person, refresh }) => {
    const ada = await person('ada')
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'https://sub.whiteboard.example' },
      { origin: 'https://evil.example' },
    ]) {
      expect(await problemOf(await refresh(ada.browser, headers))).toEqual({
        status: 403,
        code: 'cross_site_request',
      })
    }
    const own = { 'sec-fetch-site': 'cross-site', origin: WEB_ORIGIN }
    expect((await refresh(ada.browser, own)).status).toBe(200)
  })
})
