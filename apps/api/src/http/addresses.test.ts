import type { AddressInfo } from 'node:net'
import { createLogger, listenHost } from '@mindfuse/service-kit'
import { afterEach, expect, test } from 'vitest'
import { networkOf, plainAddress } from './addresses.ts'
import { type App, createHttpApp } from './app.ts'

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
])('%s is %s', (address, plain) => {
  expect(plainAddress(address)).toBe(plain)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:DB8:0:0:1:2:3:4', '2001:db8:0:0::/64'],
  ['2001:db8:0:1::', '2001:db8:0:1::/64'],
  ['2001:0db8:0000:0001::1', '2001:db8:0:1::/64'],
  ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['0188e5f2-7a3b-7cde-8f01-23456789abcd', '0188e5f2-7a3b-7cde-8f01-23456789abcd'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

let app: App | undefined
afterEach(() => app?.close())

const hasIpv6 = listenHost('::') === '::'

test.skipIf(!hasIpv6)(
  'an API that listens on both families names addresses of IPv4 as such',
  async () => {
    app = await createHttpApp({ log: createLogger({ service: 'test', level: 'silent' }) })
    app.get('/', (request) => ({ ip: request.ip }))
    await app.listen({ port: 0, host: '::' })
    const { port } = app.server.address() as AddressInfo
    const ipAt = (host: string) =>
      fetch(`http://${host}:${port}/`).then((response) => response.json())
    expect(await ipAt('127.0.0.1')).toEqual({ ip: '127.0.0.1' })
    expect(await ipAt('[::1]')).toEqual({ ip: '::1' })
  },
)
