import { expect, test } from 'vitest'
import { ResyncRequests } from './resync-requests.ts'

test('one request per peer is pending, until the reply arrives or it times out', () => {
  let now = 0
  const requests = new ResyncRequests<object>(() => now)
  const ada = {}
  const alan = {}
  expect(requests.open(ada)).toBe(true)
  expect(requests.open(ada)).toBe(false)
  expect(requests.open(alan)).toBe(true)

  requests.close(ada)
  expect(requests.open(ada)).toBe(true)
  expect(requests.open(alan)).toBe(false)

  now = 4_999
  expect(requests.open(ada)).toBe(false)
  now = 5_000
  expect(requests.open(ada)).toBe(true)
  expect(requests.open(ada)).toBe(false)
})
