import { CLOSE_CODES, type ServerMessage } from '@mindfuse/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { Connections } from '../connection/connections.ts'
import { extendLease, type Lease, leaseOfToken, MAX_UNCHECKED_MS } from '../connection/lease.ts'
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

/** A lease that ends by itself. */
const leaseOf = (lifeMs: number): Lease => ({
  sessionId: 'session',
  expiresAt: performance.now() + lifeMs,
  graceMs: 0,
  lastsWithSession: false,
})

/** As much of a connection as its lease concerns, and what it was sent or closed with. */
function connect(lease: Lease) {
  const outcome: (string | number)[] = []
  const connection = {
    lease,
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
  const { outcome } = connect(leaseOf(3 * MINUTE_MS))
  vi.advanceTimersByTime(2 * MINUTE_MS - 1)
  expect(outcome).toEqual([])
  vi.advanceTimersByTime(MINUTE_MS)
  expect(outcome).toEqual(['auth:expiring'])
  vi.advanceTimersByTime(1)
  expect(outcome).toEqual(['auth:expiring', CLOSE_CODES.TOKEN_EXPIRED])
})

test('AUTH-9: a newer token moves the end, and is warned of again', () => {
  const { connection, outcome } = connect(leaseOf(MINUTE_MS))
  vi.advanceTimersByTime(MINUTE_MS / 2)
  expect(outcome).toEqual(['auth:expiring'])
  connection.lease = leaseOf(3 * MINUTE_MS)
  vi.advanceTimersByTime(2 * MINUTE_MS - 1)
  expect(outcome).toEqual(['auth:expiring'])
  vi.advanceTimersByTime(MINUTE_MS + 1)
  expect(outcome).toEqual(['auth:expiring', 'auth:expiring', CLOSE_CODES.TOKEN_EXPIRED])
})

/** The claims of a token of a session, a minute before it expires. */
const claims = (until?: string) => ({
  sub: 'user',
  sid: 'session',
  name: 'User',
  exp: (Date.now() + MINUTE_MS) / 1_000,
  ...(until !== undefined && { until }),
})

test('AUTH-13: a session that is checked outlives its token, unwarned', () => {
  const { connection, outcome } = connect(leaseOfToken(claims('session')))
  for (let minute = 0; minute < 24 * 60; minute++) {
    vi.advanceTimersByTime(MINUTE_MS)
    connection.lease = extendLease(connection.lease)
  }
  expect(outcome).toEqual([])
})

test('AUTH-13: a session that is not checked ends within 15 minutes, warned, and not all at once', () => {
  const connected = Array.from({ length: 100 }, () => connect(leaseOfToken(claims('session'))))
  const ended = () => connected.filter(({ outcome }) => outcome.includes(CLOSE_CODES.TOKEN_EXPIRED))
  vi.advanceTimersByTime(MAX_UNCHECKED_MS * 0.8 - 1_000)
  expect(ended()).toEqual([])
  vi.advanceTimersByTime(MAX_UNCHECKED_MS * 0.1)
  expect(ended().length).toBeGreaterThan(20)
  expect(ended().length).toBeLessThan(80)
  vi.advanceTimersByTime(MAX_UNCHECKED_MS * 0.1 + 2_000)
  for (const { outcome } of connected) {
    expect(outcome).toEqual(['auth:expiring', CLOSE_CODES.TOKEN_EXPIRED])
  }
})

test.each([undefined, 'revoked', ''])(
  'AUTH-8: a check does not extend a token that is not of a session: %j',
  (until) => {
    const { connection, outcome } = connect(leaseOfToken(claims(until)))
    connection.lease = extendLease(connection.lease)
    vi.advanceTimersByTime(2 * MINUTE_MS - 1)
    expect(outcome).toEqual(['auth:expiring'])
    vi.advanceTimersByTime(1)
    expect(outcome).toEqual(['auth:expiring', CLOSE_CODES.TOKEN_EXPIRED])
  },
)

test.each([-1, 0, 1])(
  'AUTH-8: a token of a minute keeps its connection by a clock that is %d minutes ahead',
  (minutes) => {
    const token = claims()
    vi.setSystemTime(Date.now() + minutes * MINUTE_MS)
    const told: string[] = []
    const { connection, outcome } = connect(leaseOfToken(token))
    connection.sendMessage = (message: ServerMessage) =>
      message.type === 'auth:expiring' ? told.push(message.expiresAt) : 0
    vi.advanceTimersByTime((1 - minutes) * MINUTE_MS + MINUTE_MS - 1)
    expect(outcome).toEqual([])
    // What its own clock says, whatever is told.
    expect(told).toEqual([new Date(Math.round(token.exp) * 1_000).toISOString()])
    vi.advanceTimersByTime(1_000)
    expect(outcome).toEqual([CLOSE_CODES.TOKEN_EXPIRED])
  },
)

test('AUTH-8: a clock that is set back extends no lease', () => {
  const { outcome } = connect(leaseOf(3 * MINUTE_MS))
  vi.setSystemTime(Date.now() - 60 * MINUTE_MS)
  vi.advanceTimersByTime(3 * MINUTE_MS)
  expect(outcome).toEqual(['auth:expiring', CLOSE_CODES.TOKEN_EXPIRED])
})
