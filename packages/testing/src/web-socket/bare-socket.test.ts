import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { openBareSocket } from './bare-socket.ts'
import { encodeClientFrame } from './frames.ts'

const servers: WebSocketServer[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Starts a server and returns its address. */
async function start(
  onSocket: (socket: WebSocket) => void,
  options: ServerOptions = {},
): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
  servers.push(server)
  server.on('connection', onSocket)
  await once(server, 'listening')
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_000_000, 3]

/** Sends messages of all sizes, and one in fragments with a ping between them; then closes. */
function sendAll(socket: WebSocket): void {
  for (const size of SIZES) socket.send(Buffer.alloc(size, size % 251))
  socket.send('one ', { fin: false })
  socket.ping()
  socket.send('message', { fin: true })
  socket.close(4_000)
}

test('messages of every length arrive whole, however they are cut', async () => {
  const received: (number | string)[] = []
  const { closed } = await openBareSocket(await start(sendAll), {
    onMessage(buffer, from, to, isText, length) {
      const message = buffer.subarray(from, to)
      expect(message).toHaveLength(length)
      if (isText) received.push(message.toString())
      else {
        expect(message.every((byte) => byte === length % 251)).toBe(true)
        received.push(length)
      }
    },
  })
  expect(await closed).toBe(4_000)
  expect(received).toEqual([...SIZES, 'one message'])
})

test('it keeps no more of a message than asked for', async () => {
  const received: [kept: number, length: number][] = []
  const { closed } = await openBareSocket(await start(sendAll), {
    keptBytes: 2,
    onMessage: (buffer, from, to, _isText, length) =>
      received.push([buffer.subarray(from, Math.min(to, from + 2)).length, length]),
  })
  await closed
  expect(received).toEqual([...SIZES, 'one message'.length].map((n) => [Math.min(n, 2), n]))
})

test('what it sends arrives, and pings are answered', async () => {
  const url = await start((socket) => {
    socket.ping('are you there')
    socket.on('message', (message) => socket.send(message))
    socket.on('pong', (data) => socket.send(String(data)))
  })
  const sizes = [5, 125, 126, 70_000]
  const received: string[] = []
  const { socket } = await openBareSocket(url, {
    onMessage: (buffer, from, to, isText) =>
      received.push(isText ? buffer.toString('utf8', from, to) : `${to - from}`),
  })
  for (const size of sizes) socket.write(encodeClientFrame(Buffer.alloc(size, 'x')))
  await expect.poll(() => received.length).toBe(sizes.length + 1)
  socket.destroy()
  expect(received.toSorted()).toEqual(['125', '126', '5', '70000', 'are you there'])
})

test('a refusal and a close are passed on with their reason', async () => {
  const { closed } = await openBareSocket(await start((socket) => socket.close(4503, 'storage')))
  expect(await closed).toBe(4503)
  const refusing = await start(() => undefined, { verifyClient: () => false })
  await expect(openBareSocket(refusing)).rejects.toThrow('401')
})
