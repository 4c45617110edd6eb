import fastifyCookie from '@fastify/cookie'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPendingSignIns, MAX_PENDING_SIGN_INS } from './pending-sign-ins.ts'

const HOUR_MS = 60 * 60 * 1_000
const app = Fastify()

beforeAll(async () => {
  const pending = createPendingSignIns('https://whiteboard.example')
  await app.register(fastifyCookie)
  app.get('/start', async (request, reply) => {
    const { returnTo, provider = 'google' } = request.query as Record<string, string>
    return pending.start(request, reply, { provider, returnTo })
  })
  app.get('/take', async (request, reply) => {
    const { state, provider = 'google' } = request.query as Record<string, string>
    return pending.take(request, reply, { provider, state }) ?? {}
  })
})
afterAll(() => app.close())

/** A browser with its cookies, as `inject` sees them. */
function openBrowser() {
  const cookies: Record<string, string> = {}
  const get = async (url: string, query: Record<string, string> = {}) => {
    const response = await app.inject({ url, query, cookies })
    for (const { name, value, maxAge, expires } of response.cookies) {
      if (maxAge === 0 || (expires && expires.getTime() < Date.now())) delete cookies[name]
      else cookies[name] = value
    }
    return response
  }
  return {
    cookies,
    get,
    start: async (returnTo = '/') => (await get('/start', { returnTo })).json(),
    take: async (state: string) => (await get('/take', { state })).json(),
  }
}

describe('pending sign-ins', () => {
  test('each end once, in any order', async () => {
    const browser = openBrowser()
    const first = await browser.start('/boards/1?a=b#c.d')
    const second = await browser.start('/é')
    expect(await browser.take(second.state)).toEqual(second)
    expect(await browser.take(first.state)).toEqual(first)
    expect(await browser.take(first.state)).toEqual({})
    expect(browser.cookies).toEqual({})
  })

  test('belong to the browser that started them', async () => {
    const { state } = await openBrowser().start()
    expect(await openBrowser().take(state)).toEqual({})
  })

  test('end with the provider that they started with', async () => {
    const browser = openBrowser()
    const started = (await browser.get('/start', { provider: 'okta', returnTo: '/a:b' })).json()
    const { state } = started
    expect((await browser.get('/take', { state, provider: 'google' })).json()).toEqual({})
    const again = (await browser.get('/start', { provider: 'okta', returnTo: '/a:b' })).json()
    const taken = await browser.get('/take', { state: again.state, provider: 'okta' })
    expect(taken.json()).toEqual(again)
  })

  test('are bounded: one more drops the oldest', async () => {
    const browser = openBrowser()
    const started = []
    for (let i = 0; i <= MAX_PENDING_SIGN_INS; i++) {
      const start = await browser.start()
      started.push(start)
      // In one millisecond none is older than the others.
      for (const [name, value] of Object.entries(browser.cookies)) {
        if (!name.endsWith(start.state)) continue
        browser.cookies[name] = value.replace(/^\d+/, String(Date.now() - 1_000 + i))
      }
    }
    expect(Object.keys(browser.cookies)).toHaveLength(MAX_PENDING_SIGN_INS)
    const [oldest, ...others] = started
    expect(await browser.take(oldest.state)).toEqual({})
    for (const start of others) expect(await browser.take(start.state)).toEqual(start)
  })

  test.for([
    [HOUR_MS - 10_000, true],
    [HOUR_MS + 10_000, false],
  ] as const)('begun %i ms ago end: %s', async ([age, isKnown]) => {
    const browser = openBrowser()
    const start = await browser.start()
    const [name = ''] = Object.keys(browser.cookies)
    browser.cookies[name] = browser.cookies[name]!.replace(/^\d+/, String(Date.now() - age))
    expect(await browser.take(start.state)).toEqual(isKnown ? start : {})
    expect(browser.cookies).toEqual({})
  })

  test.for(['', 'x', '__proto__', 'a'.repeat(22), 'é'.repeat(22), 'a; b=c'])(
    '%j is the state of none',
    async (state) => {
      expect((await openBrowser().get('/take', { state })).json()).toEqual({})
    },
  )

  test('return to the root if the path would not fit a cookie', async () => {
    const browser = openBrowser()
    const { state } = await browser.start(`/${'é'.repeat(2_000)}`)
    const [cookie = ''] = Object.values(browser.cookies)
    expect(cookie.length).toBeLessThan(200)
    expect(await browser.take(state)).toMatchObject({ returnTo: '' })
  })

  test('are in cookies that no page reads and no sibling domain plants', async () => {
    const { headers } = await openBrowser().get('/start')
    expect(headers['set-cookie']).toMatch(/^__Host-mindfuse_sign_in_[\w-]{22}=/)
    expect(headers['set-cookie']).toContain('; Path=/; HttpOnly; Secure; SameSite=Lax')
  })
})
