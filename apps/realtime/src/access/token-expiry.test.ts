import { CLOSE_CODES, type ServerMessage } from '@mindfuse/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { Connections } from '../connection/connections.ts'
import { TokenExpiry } from './token-expiry.ts'

const MINUTE_MS = 60_000

let connections: Connections
let expiry: TokenExpiry

beforeEach(() => {
  vi.useFakeTimers()
  connections = new Connections()
  expiry = new TokenExpiry(connections)
})
afterEach(() => {
  expiry.stop()
  vi.useRealTimers()
})

/** As much of a connection as its token concerns, and what it was sent or closed with. */
function connect(lifeMs: number) {
  const outcome: (string | number)[] = []
  const connection = {
    token: { sessionId: 'session', expiresAt: Date.now() + lifeMs },
    sendMessage: ({ type }: ServerMessage) => outcome.push(type),
    close: (code: number) => {
      outcome.push(code)
      connections.remove(connection as unknown as Connection)
    },
  }
  connections.add(connection as unknown as Connection)
  return { connection, outcome }
}

test('AUTH-8: warns once, a minute before the end, and closes at the end', () => {
  const { outcome } = connect(3 * MINUTE_MS)
  vi.advanceTimersByTime(2 * MINUTE_MS - 1)
  expect(outcome).toEqual([])
  vi.advanceTimersByTime(MINUTE_MS)
  expect(outcome).toEqual(['auth:expiring'])
  vi.advanceTimersByTime(1)
  expect(outcome).toEqual(['auth:expiring', CLOSE_CODES.TOKEN_EXPIRED])
})

test('AUTH-9: a newer token moves the end, and is warned of again', () => {
  const { connection, outcome } = connect(MINUTE_MS)
  vi.advanceTimersByTime(MINUTE_MS / 2)
  expect(outcome).toEqual(['auth:expiring'])
  connection.token = { sessionId: 'session', expiresAt: Date.now() + 3 * MINUTE_MS }
  vi.advanceTimersByTime(2 * MINUTE_MS - 1)
  expect(outcome).toEqual(['auth:expiring'])
  vi.advanceTimersByTime(MINUTE_MS + 1)
  expect(outcome).toEqual(['auth:expiring', 'auth:expiring', CLOSE_CODES.TOKEN_EXPIRED])
})
