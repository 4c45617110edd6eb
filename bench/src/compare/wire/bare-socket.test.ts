import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { BareSocket, clientFrame } from './bare-socket.ts'

const servers: WebSocketServer[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function start(onSocket: (socket: WebSocket) => void): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  servers.push(server)
  server.on('connection', onSocket)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('messages of every length come whole, however they are cut', async () => {
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_000_000, 3]
  const port = await start((socket) => {
    for (const size of sizes) socket.send(Buffer.alloc(size, size % 251))
    // In fragments, with a ping between them.
    socket.send('one ', { fin: false })
    socket.ping()
    socket.send('message', { fin: true })
  })
  const received: (number | string)[] = []
  await new Promise<void>((resolve, reject) => {
    const socket = new BareSocket(
      { port, path: '/' },
      {
        onOpen: () => undefined,
        onLost: reject,
        onMessage(buffer, from, to, isText) {
          const message = buffer.subarray(from, to)
          if (!isText) {
            expect(message.every((byte) => byte === message.length % 251)).toBe(true)
            received.push(message.length)
            return
          }
          received.push(message.toString())
          socket.destroy()
          resolve()
        },
      },
    )
  })
  expect(received).toEqual([...sizes, 'one message'])
})

test('what it sends arrives, and pings are answered', async () => {
  const port = await start((socket) => {
    socket.ping('are you there')
    socket.on('message', (message) => socket.send(message))
    socket.on('pong', (data) => socket.send(String(data)))
  })
  const sizes = [5, 125, 126, 70_000]
  const heard: string[] = []
  await new Promise<void>((resolve, reject) => {
    const socket = new BareSocket(
      { port, path: '/' },
      {
        onOpen() {
          for (const size of sizes) socket.send(clientFrame(Buffer.alloc(size, 'x')))
        },
        onLost: reject,
        onMessage(buffer, from, to, isText) {
          heard.push(isText ? buffer.toString('utf8', from, to) : `${to - from}`)
          if (heard.length < sizes.length + 1) return
          socket.destroy()
          resolve()
        },
      },
    )
  })
  expect(heard.toSorted()).toEqual(['125', '126', '5', '70000', 'are you there'])
})

test('a refusal and a close are told with their reason', async () => {
  const port = await start((socket) => socket.close(4503, 'storage'))
  const lost = (path: string, at: number) =>
    new Promise<string>((resolve) => {
      new BareSocket(
        { port: at, path },
        {
          onOpen: () => undefined,
          onMessage: () => undefined,
          onLost: ({ message }) => resolve(message),
        },
      )
    })
  expect(await lost('/', port)).toBe('closed with 4503 storage')
  const refusing = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: () => false })
  servers.push(refusing)
  await once(refusing, 'listening')
  expect(await lost('/', (refusing.address() as AddressInfo).port)).toContain('401')
})
