import { startIdentityProvider } from '@mindfuse/embedded'
import { Browser, callApi } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

/** A second provider, at which anybody may enter any email. */
const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('open', { scope: 'file' }, async ({}, { onCleanup }) => {
    const provider = await startIdentityProvider({ port: 0 })
    onCleanup(() => provider.stop())
    return provider
  })
  .extend('stackOptions', { scope: 'file' }, ({ open }) => ({
    identityProviders: [
      {
        ...{ id: 'open', name: 'Open', issuer: open.issuer, clientId: 'c', clientSecret: 's' },
        ...{ key: open.issuer, trustEmail: false },
      },
    ],
  }))
  /** Signs in with one of the two. */
  .extend('signInWith', ({ stack }) => async (provider: string, email: string) => {
    const browser = new Browser()
    const url = `${stack.apiUrl}/api/auth/${provider}?login_hint=${email}`
    const response = await browser.fetch(url, { headers: { accept: 'application/json' } })
    expect(response.status).toBe(200)
    return (await response.json()) as { accessToken: string; user: { id: string; email: string } }
  })

test('people are shown all, and choose one in the web app', async ({ stack }) => {
  const { body } = await callApi(`${stack.apiUrl}/api/auth/providers`)
  expect(body).toEqual({
    items: [
      { id: 'google', name: 'Test' },
      { id: 'open', name: 'Open' },
    ],
  })
  const start = await fetch(`${stack.apiUrl}/api/auth/sign-in?returnTo=/boards/1`, {
    redirect: 'manual',
  })
  expect(start.headers.get('location')).toBe(`${WEB_ORIGIN}/sign-in?returnTo=%2Fboards%2F1`)
})

test('the same email at two providers is two people', async ({ signInWith }) => {
  const [ada, other] = [
    await signInWith('google', 'ada@example.com'),
    await signInWith('open', 'ada@example.com'),
  ]
  expect(other.user.email).toBe(ada.user.email)
  expect(other.user.id).not.toBe(ada.user.id)
  expect((await signInWith('open', 'ada@example.com')).user.id).toBe(other.user.id)
})

test('what is bound to an email is offered only to who signed in with a provider trusted for it', async ({
  stack,
  signInWith,
  ada,
}) => {
  const { body: team } = await callApi(`${stack.apiUrl}/api/workspaces`, {
    ...{ method: 'POST', token: ada.accessToken, body: { name: 'Team' } },
  })
  const added = await callApi(`${stack.apiUrl}/api/workspaces/${team.id}/members`, {
    ...{ method: 'POST', token: ada.accessToken },
    body: { email: 'grace@example.com', role: 'member' },
  })
  expect(added.status).toBeLessThan(300)
  const offersOf = async (provider: string) => {
    const { accessToken: token } = await signInWith(provider, 'grace@example.com')
    return (await callApi(`${stack.apiUrl}/api/memberships`, { token })).body.items.length
  }
  expect(await offersOf('open')).toBe(0)
  expect(await offersOf('google')).toBe(1)
  expect(await offersOf('open')).toBe(0)
})

test('a sign-in that started with one provider does not end with another', async ({ stack }) => {
  const browser = new Browser()
  const start = await browser.fetch(`${stack.apiUrl}/api/auth/google?login_hint=a@example.com`, {
    redirect: 'manual',
  })
  const authorize = await fetch(start.headers.get('location')!, { redirect: 'manual' })
  const callback = new URL(authorize.headers.get('location')!)
  callback.pathname = '/api/auth/open/callback'
  const end = await browser.fetch(callback.href, { headers: { accept: 'application/json' } })
  expect(end.status).toBe(400)
  expect(await end.json()).toMatchObject({ code: 'oauth_state_invalid' })
})

test.for(['nobody', 'constructor', 'logout', 'x'.repeat(32)])(
  '%s is no provider',
  async (provider, { stack }) => {
    for (const path of [provider, `${provider}/callback?code=c&state=s`]) {
      const { status, body } = await callApi(`${stack.apiUrl}/api/auth/${path}`)
      expect([status, body.code]).toEqual([404, 'provider_not_found'])
    }
  },
)
