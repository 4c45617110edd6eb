import { createServer, type Server, type Socket } from 'node:net'
import { createLogger } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../db/database.ts'
import { type App, createHttpApp } from './app.ts'

const log = createLogger({ service: 'test', level: 'silent' })

let app: App
beforeEach(async () => {
  app = await createHttpApp({ log, maxEventLoopDelayMs: 0 })
})
afterEach(() => app.close())

test.each([
  ['57014', 'a statement that took too long'],
  ['55P03', 'a lock that was not free in time'],
  ['40P01', 'a deadlock'],
  ['40001', 'a transaction that lost against another'],
  ['53300', 'a server with too many connections'],
])('%s, %s, may be tried again', async (code) => {
  app.get('/', async () => {
    throw Object.assign(new Error('refused'), { code })
  })
  const reply = await app.inject('/')
  expect(reply.json()).toMatchObject({ status: 503, code: 'overloaded' })
  expect(reply.headers['retry-after']).toBe('5')
})

test('so does a database that accepts connections and does not answer', async () => {
  const sockets: Socket[] = []
  const server: Server = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const url = `postgres://nobody@127.0.0.1:${port}/none`
  const database = openDatabase({ url, poolSize: 4, onError: () => undefined })
  app.get('/', () => sql`SELECT 1`.execute(database.db))
  expect((await app.inject('/')).json()).toMatchObject({ status: 503, code: 'overloaded' })
  await database.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})
