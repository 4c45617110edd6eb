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
