import { createServer, type Server, type Socket } from 'node:net'
import { createLogger } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import { afterEach, test as base, beforeEach, expect } from 'vitest'
import { openDatabase } from '../db/database.ts'
import { type App, createHttpApp } from './app.ts'

const log = createLogger({ service: 'test', level: 'silent' })

let app: App
beforeEach(async () => {
  app = await createHttpApp({ log, maxEventLoopDelayMs: 0 })
})
afterEach(() => app.close())

base.each([
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

/** A database that is none: each connection is given to `accept`, or nothing listens at all. */
const test = base.extend(
  'databaseThat',
  ({ task: _ }, { onCleanup }) =>
    async (accept?: (socket: Socket) => void) => {
      const sockets: Socket[] = []
      const server: Server = createServer((socket) => {
        sockets.push(socket)
        accept?.(socket)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      if (!accept) await new Promise((resolve) => server.close(resolve))
      const url = `postgres://nobody@127.0.0.1:${port}/none`
      const database = openDatabase({ url, poolSize: 4, onError: () => undefined })
      onCleanup(async () => {
        await database.close()
        for (const socket of sockets) socket.destroy()
        server.close()
      })
      app.route({
        method: ['GET', 'POST'],
        url: '/',
        handler: () => sql`SELECT 1`.execute(database.db),
      })
    },
)

const AGAIN = { status: 503, code: 'overloaded' }

test('a database that accepts connections and does not answer may be asked again', async ({
  databaseThat,
}) => {
  await databaseThat(() => undefined)
  expect((await app.inject('/')).json()).toMatchObject(AGAIN)
})

test.for(['GET', 'POST'] as const)(
  '%s: a database that takes no connections may be asked again',
  async (method, { databaseThat }) => {
    await databaseThat()
    expect((await app.inject({ method, url: '/' })).json()).toMatchObject(AGAIN)
  },
)

test.for(['GET', 'POST'] as const)(
  '%s: a connection that breaks before it is ready may be asked again',
  async (method, { databaseThat }) => {
    await databaseThat((socket) => socket.once('data', () => socket.destroy()))
    expect((await app.inject({ method, url: '/' })).json()).toMatchObject(AGAIN)
  },
)

/** What PostgreSQL says to whom it lets in: AuthenticationOk, ReadyForQuery. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

test.for([
  ['GET', AGAIN],
  // It may have been done.
  ['POST', { status: 500 }],
] as const)('%s: a connection that breaks', async ([method, answer], { databaseThat }) => {
  await databaseThat((socket) =>
    socket.once('data', () => {
      socket.write(WELCOME)
      socket.once('data', () => socket.destroy())
    }),
  )
  expect((await app.inject({ method, url: '/' })).json()).toMatchObject(answer)
})
