import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createHttpClient, type HttpClient } from './http-client.ts'
import { MAX_EXCHANGE_MS } from './http-connection.ts'

const TIMEOUT_MS = 10_000

type Handler = (request: IncomingMessage, response: ServerResponse) => void

let handle: Handler
let requests: string[]
const sockets = new Set<Socket>()
const server = createServer((request, response) => {
  requests.push(`${request.method} ${request.url}`)
  handle(request, response)
})
server.on('connection', (socket) => sockets.add(socket))

let client: HttpClient
beforeEach(async () => {
  requests = []
  handle = (_request, response) => response.end('answer')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  client = createHttpClient({ url: `http://127.0.0.1:${port}`, authorization: 'Scheme secret' })
})
afterEach(async () => {
  vi.useRealTimers()
  const closed = new Promise((resolve) => server.close(resolve))
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await closed
})

const get = (timeoutMs = TIMEOUT_MS) => client({ path: '/path?a=b', timeoutMs })

test('sends a GET with its authorization', async () => {
  handle = ({ headers }, response) => {
    response.statusCode = 418
    response.end(headers.authorization)
  }
  const { status, body } = await get()
  expect([status, body.toString()]).toEqual([418, 'Scheme secret'])
  expect(requests).toEqual(['GET /path?a=b'])
})

test('sends a POST with bytes and their type', async () => {
  handle = (request, response) => {
    response.setHeader('received', `${request.headers['content-type']}`)
    request.pipe(response)
  }
  const bytes = Buffer.alloc(1024 * 1024, 7)
  const { body } = await client({
    path: '/',
    timeoutMs: TIMEOUT_MS,
    body: { type: 'application/octet-stream', bytes },
  })
  expect(body.equals(bytes)).toBe(true)
  expect(requests).toEqual(['POST /'])
})

test('keeps its connection', async () => {
  for (let i = 0; i < 5; i++) await get()
  expect(sockets.size).toBe(1)
})

test('repeats a request whose idle connection turned out to be closed', async () => {
  await get()
  let isFirst = true
  handle = ({ socket }, response) => {
    if (!isFirst) return response.end('again')
    isFirst = false
    return socket.resetAndDestroy()
  }
  expect((await get()).body.toString()).toBe('again')
  expect(requests).toHaveLength(3)
})

test('repeats it once, and never after a new connection failed', async () => {
  handle = ({ socket }) => socket.resetAndDestroy()
  await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(requests).toHaveLength(1)
  handle = (_request, response) => response.end()
  await get()
  handle = ({ socket }) => socket.resetAndDestroy()
  await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(requests).toHaveLength(4)
})

test('reads a chunked response, and one that ends with its connection', async () => {
  handle = (_request, response) => {
    response.write('in ')
    response.end('chunks')
  }
  expect((await get()).body.toString()).toBe('in chunks')
  handle = ({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil it closes')
  expect((await get()).body.toString()).toBe('until it closes')
  handle = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\n\r\nuntil it cl')
  await expect(get(50)).rejects.toThrow('no answer in time')
})

test('reuses no connection that is closed, or that sent more than one response', async () => {
  handle = (_request, response) => {
    response.setHeader('connection', 'close')
    response.end('last')
  }
  await get()
  await get()
  expect(sockets.size).toBe(2)
  handle = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab')
  await expect(get()).rejects.toThrow('malformed response')
  handle = (_request, response) => response.end('answer')
  expect((await get()).body.toString()).toBe('answer')
  expect(sockets.size).toBe(4)
})

test('sends concurrent requests on separate connections', async () => {
  const waiting: ServerResponse[] = []
  handle = (_request, response) => {
    waiting.push(response)
    if (waiting.length < 3) return
    for (const [i, one] of waiting.entries()) one.end(`${i}`)
  }
  const answers = await Promise.all([get(), get(), get()])
  expect(answers.map(({ body }) => body.toString()).sort()).toEqual(['0', '1', '2'])
  expect(sockets.size).toBe(3)
})

test('lets no value inject a header line', async () => {
  const path = '/ HTTP/1.1\r\nauthorization: another'
  await expect(client({ path, timeoutMs: TIMEOUT_MS })).rejects.toThrow('no path')
  expect(requests).toEqual([])
  expect((await get()).status).toBe(200)
})

test('gives up on a response that is late or breaks off', async () => {
  handle = () => undefined
  await expect(get(50)).rejects.toThrow('no answer in time')
  handle = (_request, response) => {
    response.setHeader('content-length', 10)
    response.write('half')
  }
  await expect(get(50)).rejects.toThrow()
  handle = ({ socket }, response) => {
    response.setHeader('content-length', 10)
    response.write('half', () => socket.destroy())
  }
  await expect(get()).rejects.toThrow()
})

/** More than what the kernel keeps of a connection on its way. */
const STEP_BYTES = 16 * 1024 * 1024

/** Time does not pass by itself. */
const holdTime = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

/** How long something may take to be so, milliseconds of real time. */
const TURNS_MS = 10_000

/** Lets the event loop turn until something is so. */
async function turnUntil(isDone: () => boolean): Promise<void> {
  const startedAt = performance.now()
  while (!isDone()) {
    if (performance.now() - startedAt > TURNS_MS) throw new Error('gave up waiting')
    await new Promise(setImmediate)
  }
  for (let i = 0; i < 10; i++) await new Promise(setImmediate)
}

test('a request has time for as long as its bytes go on moving', async () => {
  holdTime()
  let received = 0
  let arriving: IncomingMessage | undefined
  handle = (request, response) => {
    arriving = request
    request.on('data', (bytes: Buffer) => {
      received += bytes.length
      if (received % STEP_BYTES < bytes.length) request.pause()
    })
    request.on('end', () => response.end('stored'))
  }
  const bytes = Buffer.alloc(4 * STEP_BYTES)
  const body = { type: 'application/octet-stream', bytes }
  const answer = client({ path: '/', timeoutMs: TIMEOUT_MS, body })
  for (let i = 1; i <= 4; i++) {
    await turnUntil(() => received >= i * STEP_BYTES)
    vi.advanceTimersByTime(TIMEOUT_MS - 1)
    arriving?.resume()
  }
  expect((await answer).body.toString()).toBe('stored')
})

test('a request whose bytes stop moving fails', async () => {
  holdTime()
  let isPaused = false
  handle = (request) => {
    request.pause()
    isPaused = true
  }
  const body = { type: 'application/octet-stream', bytes: Buffer.alloc(2 * STEP_BYTES) }
  const answer = client({ path: '/', timeoutMs: TIMEOUT_MS, body })
  const failed = expect(answer).rejects.toThrow('no answer in time')
  await turnUntil(() => isPaused)
  vi.advanceTimersByTime(TIMEOUT_MS)
  await failed
})

test('a request does not go on for ever, however slowly its bytes move', async () => {
  holdTime()
  let sending: ServerResponse | undefined
  handle = (_request, response) => {
    response.writeHead(200, { 'content-length': 1_000_000 })
    sending = response
  }
  let sent = 0
  let isOver = false
  const answer = get().finally(() => {
    isOver = true
  })
  const failed = expect(answer).rejects.toThrow('no answer in time')
  await turnUntil(() => sending !== undefined)
  for (let passedMs = 0; passedMs < MAX_EXCHANGE_MS; passedMs += TIMEOUT_MS / 2) {
    expect(isOver).toBe(false)
    let isSent = false
    sending?.write('x', () => {
      isSent = true
    })
    await turnUntil(() => isSent)
    sent++
    vi.advanceTimersByTime(TIMEOUT_MS / 2)
  }
  await failed
  expect(sent).toBe((MAX_EXCHANGE_MS / TIMEOUT_MS) * 2)
})
