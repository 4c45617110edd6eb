import { createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { openDatabase } from './database.ts'

/** A message of PostgreSQL. */
function message(type: string, body = ''): Buffer {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(bytes.length + 4, 1)
  return Buffer.concat([head, bytes])
}

const WELCOME = Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I')])
const NO_ROWS = ['1', '2', 'n'].map((type) => message(type))
const DONE = Buffer.concat([...NO_ROWS, message('C', 'SELECT 0\0'), message('Z', 'I')])
const ENDING = message('E', 'SFATAL\0C57P01\0Mterminating connection\0\0')

/** What a client says before it closes a connection. */
const TERMINATE = 'X'.charCodeAt(0)

/** A PostgreSQL that ends by itself, and before its clients are gone. */
async function startEndingServer() {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.once('data', () => {
      socket.write(WELCOME)
      socket.on('data', (data) => {
        socket.write(data[0] === TERMINATE ? ENDING : DONE)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `postgres://nobody@127.0.0.1:${port}/none`,
    end: () =>
      Promise.all(sockets.map((socket) => new Promise<void>((done) => socket.end(ENDING, done)))),
    /** Resolves once all clients are gone. */
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function openWithIdleConnection() {
  const server = await startEndingServer()
  const onError = vi.fn()
  const database = openDatabase({ url: server.url, poolSize: 4, onError })
  await sql`SELECT 1`.execute(database.db)
  return { server, database, onError }
}

test('an idle connection that breaks is reported', async () => {
  const { server, database, onError } = await openWithIdleConnection()
  await server.end()
  await vi.waitFor(() => expect(onError).toHaveBeenCalled())
  await database.close()
  await server.close()
})

test('one that breaks while it is closed is not', async () => {
  const { server, database, onError } = await openWithIdleConnection()
  await database.close()
  await server.close()
  expect(onError).not.toHaveBeenCalled()
})
