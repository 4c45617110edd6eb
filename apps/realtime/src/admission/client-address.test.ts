import { once } from 'node:events'
import { connect } from 'node:net'
import { listenHost } from '@mindfuse/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listenExclusively, loadUWebSockets } from '../uws.ts'
import { createAddressReader } from './client-address.ts'

const uws = loadUWebSockets()
const host = listenHost('::')
let port: number
let stop: () => void

beforeAll(() => {
  const app = uws.App()
  for (const proxies of [0, 1, 2]) {
    const addressOf = createAddressReader(proxies)
    app.get(`/${proxies}`, (response, request) => {
      response.end(JSON.stringify({ address: addressOf(response, request) }))
    })
  }
  const socket = listenExclusively(uws, app, { host, port: 0 })
  if (!socket) throw new Error('no port')
  port = uws.us_socket_local_port(socket)
  stop = () => uws.us_listen_socket_close(socket)
})
afterAll(() => stop())

/** What counts as the address of a request with these header lines. */
async function read(proxies: number, lines: string[] = [], from = '127.0.0.1'): Promise<string> {
  const socket = connect(port, from)
  const headers = ['Host: x', 'Connection: close', ...lines].join('\r\n')
  socket.write(`GET /${proxies} HTTP/1.1\r\n${headers}\r\n\r\n`)
  let answer = ''
  socket.on('data', (data) => {
    answer += data
    if (answer.includes('}')) socket.end()
  })
  await once(socket, 'close')
  return JSON.parse(answer.slice(answer.indexOf('{'))).address
}

test('without proxies it is the other end, whatever the client claims', async () => {
  expect(await read(0, ['X-Forwarded-For: 192.0.2.1'])).toBe('127.0.0.1')
})

test.skipIf(host !== '::')('addresses of IPv6 are read too', async () => {
  expect(await read(0, [], '::1')).toBe('0:0:0:0:0:0:0:1')
})

test('behind proxies it is what the first of them saw', async () => {
  const claimed = 'X-Forwarded-For: 203.0.113.9'
  expect(await read(1, ['X-Forwarded-For: 192.0.2.1'])).toBe('192.0.2.1')
  expect(await read(1, [claimed, 'X-Forwarded-For: 192.0.2.1'])).toBe('192.0.2.1')
  expect(await read(1, [`${claimed}, 192.0.2.1`])).toBe('192.0.2.1')
  expect(await read(2, [`${claimed}, 192.0.2.1, 192.0.2.2`])).toBe('192.0.2.1')
})
