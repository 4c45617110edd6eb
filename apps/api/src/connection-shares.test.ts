import { expect, test } from 'vitest'
import { MIN_CONNECTIONS, shareConnections } from './connection-shares.ts'

test.each([MIN_CONNECTIONS, 5, 8, 10, 20, 99])('%i connections are shared completely', (total) => {
  const shares = Object.values(shareConnections(total))
  expect(Math.min(...shares)).toBeGreaterThan(0)
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total)
})

test('half of the default are for requests', () => {
  expect(shareConnections(20)).toEqual({ requests: 10, urgent: 4, internal: 5, publishing: 1 })
})
