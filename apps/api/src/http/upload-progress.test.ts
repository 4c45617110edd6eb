import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { createLogger } from '@mindfuse/service-kit'
import { eventually } from '@mindfuse/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type App, createHttpApp } from './app.ts'
import { STALL_MS } from './upload-progress.ts'

const BODY_BYTES = 200 * 1024
const PART = Buffer.alloc(BODY_BYTES / 2, '"')

let app: App
let socket: Socket
let answer: string
/** The other end of it. */
let received: Socket | undefined

beforeEach(async () => {
  app = await createHttpApp({ log: createLogger({ service: 'test', level: 'silent' }) })
  app.server.on('connection', (accepted: Socket) => {
    received = accepted
  })
  app.addContentTypeParser('text/plain', { parseAs: 'buffer' }, async () => null)
  app.post('/', async () => 'done')
  app.addContentTypeParser('image/png', async (_request: unknown, body: IncomingMessage) => body)
  app.put('/', async ({ body }) => {
    for await (const _ of body as IncomingMessage);
    return 'done'
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { port } = app.server.address() as { port: number }
  socket = connect(port, '127.0.0.1')
  answer = ''
  socket.on('data', (bytes) => {
    answer += bytes.toString()
  })
})
afterEach(async () => {
  vi.useRealTimers()
  socket.destroy()
  await app.close()
})

/** Starts a request, whose body is read before its handler, or by that. */
function start(method: 'POST' | 'PUT'): void {
  const type = method === 'POST' ? 'text/plain' : 'image/png'
  socket.write(
    `${method} / HTTP/1.1\r\nhost: test\r\ncontent-type: ${type}\r\ncontent-length: ${BODY_BYTES}\r\n\r\n`,
  )
}

/** Sends half of the body. */
async function sendHalf(): Promise<void> {
  socket.write(PART)
  await eventually('it arrives', () => received?.bytesRead === socket.bytesWritten)
}

const METHODS = ['POST', 'PUT'] as const

test.for(METHODS)('a body that stops arriving ends its request: %s', async (method) => {
  start(method)
  await sendHalf()
  vi.advanceTimersByTime(STALL_MS)
  vi.advanceTimersByTime(STALL_MS)
  await eventually('the request has ended', () => socket.closed)
  expect(answer).toMatch(/^HTTP\/1.1 408 .*"code":"request_timeout"/s)
})

test.for(METHODS)('a body that arrives slowly has more time: %s', async (method) => {
  start(method)
  for (let i = 0; i < 2; i++) {
    await sendHalf()
    vi.advanceTimersByTime(STALL_MS)
  }
  await eventually('it is answered', () => answer.includes('done'))
  vi.advanceTimersByTime(2 * STALL_MS)
  expect(socket.closed).toBe(false)
})
