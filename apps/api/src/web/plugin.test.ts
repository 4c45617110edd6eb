import { tmpdir } from 'node:os'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import type { App } from '../http/app.ts'
import { webPlugin } from './plugin.ts'

const WEB = {
  assetsDir: tmpdir(),
  page: '<p>app</p>',
  boardPage: '<p>board</p>',
  contentSecurityPolicy: "script-src 'self'; frame-ancestors 'none'",
  embedOrigins: [] as string[],
}

async function open(publicUrl: string, host: string) {
  const app = Fastify() as unknown as App
  await app.register(webPlugin, { web: WEB, publicUrl })
  const { statusCode, headers } = await app.inject({ url: '/boards/x?a=b', headers: { host } })
  await app.close()
  return { statusCode, location: headers.location }
}

const here = { statusCode: 200, location: undefined }

test.each(['127.0.0.1:8080', '[::1]:8080'])(
  'a page at %s is sent to localhost, where its cookies count',
  async (host) => {
    expect(await open('http://localhost:8080', host)).toEqual({
      statusCode: 302,
      location: 'http://localhost:8080/boards/x?a=b',
    })
  },
)

test.each([
  ['/boards/x/', '/boards/x'],
  ['/boards/x/?a=b/', '/boards/x?a=b/'],
  ['/workspaces/x/trash/', '/workspaces/x/trash'],
])('%s is the page of %s', async (url, page) => {
  const app = Fastify() as unknown as App
  await app.register(webPlugin, { web: WEB, publicUrl: 'http://localhost:8080' })
  const { statusCode, headers } = await app.inject({ url, headers: { host: 'localhost:8080' } })
  await app.close()
  expect({ statusCode, location: headers.location }).toEqual({ statusCode: 302, location: page })
})

test.each([
  ['http://localhost:8080', 'localhost:8080'],
  // Through a tunnel, whose port leads nowhere at localhost.
  ['http://localhost:8080', '127.0.0.1:9000'],
  ['http://localhost:8080', 'evil.example'],
  ['https://whiteboard.example', '127.0.0.1:8080'],
])('with the public URL %s a page at %s stays there', async (publicUrl, host) => {
  expect(await open(publicUrl, host)).toEqual(here)
})

test.each([
  [
    '/embed/boards/x',
    200,
    "script-src 'self'; frame-ancestors https://a.example https://b.example",
  ],
  ['/boards/x', 200, "script-src 'self'; frame-ancestors 'none'"],
  ['/embed/x', 404, undefined],
])(
  'where pages may have boards in a frame, %s answers %i and says %s',
  async (url, status, csp) => {
    const web = { ...WEB, embedOrigins: ['https://a.example', 'https://b.example'] }
    const app = Fastify() as unknown as App
    await app.register(webPlugin, { web, publicUrl: 'http://localhost:8080' })
    const { statusCode, headers } = await app.inject({ url, headers: { host: 'localhost:8080' } })
    await app.close()
    expect(statusCode).toBe(status)
    expect(headers['content-security-policy']).toBe(csp)
  },
)

test('without such pages there is no board for a frame', async () => {
  const app = Fastify() as unknown as App
  await app.register(webPlugin, { web: WEB, publicUrl: 'http://localhost:8080' })
  expect((await app.inject({ url: '/embed/boards/x' })).statusCode).toBe(404)
  await app.close()
})

test.each([
  ['/', WEB.page],
  ['/boards/x', WEB.boardPage],
  ['/boards/x/versions', WEB.page],
  ['/embed/boards/x', WEB.boardPage],
])('%s answers %s', async (url, page) => {
  const app = Fastify() as unknown as App
  const web = { ...WEB, embedOrigins: ['https://a.example'] }
  await app.register(webPlugin, { web, publicUrl: 'http://localhost:8080' })
  expect((await app.inject({ url, headers: { host: 'localhost:8080' } })).body).toBe(page)
  await app.close()
})
