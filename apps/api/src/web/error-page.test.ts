import { PROBLEM_MEDIA_TYPE } from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { afterEach, describe, expect, test } from 'vitest'
import { type App, createHttpApp } from '../http/app.ts'
import { registerNotFound } from '../http/error-handler.ts'
import { ApiError } from '../http/errors.ts'
import { createErrorPage } from './error-page.ts'

const HTML = 'text/html; charset=utf-8'
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const HOSTILE = `"><script>alert(1)</script>$&$'`

const web = {
  assetsDir: '',
  page: '<html><head><script async></script></head><body></body></html>',
  boardPage: '',
  contentSecurityPolicy: "default-src 'none'; script-src 'self'",
  embedOrigins: [],
}
const log = createLogger({ service: 'test', level: 'silent' })
let app: App
afterEach(() => app.close())

async function open(withWeb: boolean) {
  const errorPage = createErrorPage({
    web: withWeb ? web : undefined,
    webOrigins: ['https://whiteboard.example'],
  })
  app = await createHttpApp({ log, errorPage, maxEventLoopDelayMs: 0 })
  app.get('/items/:id', async () => {
    throw new ApiError(403, 'forbidden', HOSTILE)
  })
  app.post('/items/:id', async () => {
    throw new ApiError(409, 'conflict', 'No')
  })
  app.get('/broken', async () => {
    throw new Error('secret')
  })
  registerNotFound(app)
  return (url: string, headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
    app.inject({ method, url, headers })
}

describe.each([true, false])('with the web app built: %s', (withWeb) => {
  test.each([
    ['/items/1', 403],
    ['/none', 404],
    ['/broken', 500],
    ['/items/%E0%A4%A', 400],
    [`/items/${'a'.repeat(766)}`, 414],
  ])('%s answers %i, to browsers with a page', async (url, status) => {
    const get = await open(withWeb)
    for (const [headers, type] of [
      [{ accept: BROWSER }, HTML],
      [{ accept: BROWSER, 'sec-fetch-mode': 'navigate' }, HTML],
      [{ accept: BROWSER, 'sec-fetch-mode': 'cors' }, PROBLEM_MEDIA_TYPE],
      [{ accept: '*/*', 'sec-fetch-mode': 'navigate' }, PROBLEM_MEDIA_TYPE],
      [{ accept: 'application/json' }, PROBLEM_MEDIA_TYPE],
      [{}, PROBLEM_MEDIA_TYPE],
    ] as const) {
      const reply = await get(url, headers)
      expect(reply.statusCode).toBe(status)
      expect(reply.headers['content-type']).toBe(type)
      expect(reply.body).not.toContain('secret')
      if (type !== HTML) continue
      expect(reply.headers['cache-control']).toBe('no-store')
      expect(reply.body).not.toContain('<script>')
    }
  })

  test('a form that is posted is answered as programs are', async () => {
    const post = await open(withWeb)
    const reply = await post('/items/1', { accept: BROWSER }, 'POST')
    expect(reply.headers['content-type']).toBe(PROBLEM_MEDIA_TYPE)
  })
})

test('the web app can read the problem out of its page, under its own policy', async () => {
  const get = await open(true)
  const { body, headers } = await get('/items/1', { accept: BROWSER })
  expect(headers['content-security-policy']).toBe(web.contentSecurityPolicy)
  // Before the script, which may run as soon as it has arrived.
  const [, content = ''] =
    /<meta name="mindfuse-problem" content="([^"]*)"><script/.exec(body) ?? []
  const text = content
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
  expect(JSON.parse(text)).toMatchObject({ status: 403, code: 'forbidden', detail: HOSTILE })
})

test('without the web app the page leads to where it is', async () => {
  const get = await open(false)
  const { body } = await get('/none', { accept: BROWSER })
  expect(body).toContain('<h1>Not Found</h1>')
  expect(body).toContain('<a href="https://whiteboard.example">')
})
