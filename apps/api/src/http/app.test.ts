import { createLogger } from '@mindfuse/service-kit'
import { eventually } from '@mindfuse/testing'
import { afterEach, expect, test } from 'vitest'
import { type App, createHttpApp } from './app.ts'

const log = createLogger({ service: 'test', level: 'silent' })

let app: App
afterEach(() => app.close())

async function start(maxEventLoopDelayMs: number): Promise<void> {
  app = await createHttpApp({ log, maxEventLoopDelayMs })
  app.get('/', async () => ({}))
  await app.ready()
}

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('an API that is far behind refuses requests as overloaded', async () => {
  await start(1)
  const refused = await eventually('it has measured its delay', async () => {
    block(30)
    const reply = await app.inject('/')
    return reply.statusCode === 503 ? reply : undefined
  })
  expect(refused.json()).toMatchObject({ code: 'overloaded', status: 503 })
  expect(refused.headers['retry-after']).toBe('2')
})

test('with 0 it never does', async () => {
  await start(0)
  expect((await app.inject('/')).statusCode).toBe(200)
})

test('an answer names its request, as its sender does where that is an id, and its release', async () => {
  app = await createHttpApp({ log, release: { version: '1.2.3', revision: 'abc' } })
  app.get('/', async ({ id }) => ({ id }))
  const ask = async (headers = {}) => {
    const { headers: answered, body } = await app.inject({ url: '/', headers })
    expect(JSON.parse(body).id).toBe(answered['x-request-id'])
    expect(answered['mindfuse-release']).toBe('1.2.3')
    return answered['x-request-id']
  }
  expect(await ask({ 'x-request-id': 'named-by-a-proxy' })).toBe('named-by-a-proxy')
  const uuid = /^[0-9a-f-]{36}$/
  expect(await ask()).toMatch(uuid)
  for (const id of ['short', 'x'.repeat(65), 'forged "line"']) {
    expect(await ask({ 'x-request-id': id })).toMatch(uuid)
  }
  const missing = await app.inject({
    url: '/missing',
    headers: { 'x-request-id': 'no-such-route' },
  })
  expect(missing.headers['x-request-id']).toBe('no-such-route')
})
