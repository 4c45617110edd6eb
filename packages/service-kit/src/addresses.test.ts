import { expect, test } from 'vitest'
import { clientAddress, networkOf, plainAddress } from './addresses.ts'

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

test.each([
  ['', 0, 'peer'],
  ['claimed', 0, 'peer'],
  ['client', 1, 'client'],
  ['claimed, client', 1, 'client'],
  ['claimed, client, proxy', 2, 'client'],
  ['client', 2, 'client'],
  ['', 1, 'peer'],
  [' , ', 1, 'peer'],
])(
  'of X-Forwarded-For "%s", with %i trusted proxies, counts %s',
  (forwardedFor, trustedProxies, address) => {
    expect(clientAddress({ peer: 'peer', forwardedFor, trustedProxies })).toBe(address)
  },
)
