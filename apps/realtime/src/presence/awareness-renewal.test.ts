import { decodeAwarenessUpdate, decodeFrame, encodeAwarenessEntry } from '@mindfuse/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { RELAY_KINDS, type RelayKind } from '../relay/envelope.ts'
import { AwarenessStates } from './awareness.ts'
import { AwarenessRenewal } from './awareness-renewal.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A board whose other gateways are sent what `relayed` has. */
function openBoard() {
  const members = new Set<Connection>()
  const states = new AwarenessStates()
  const relayed: RelayKind[] = []
  const relay = {
    isAlone: false,
    sendUnlessAlone: (kind: RelayKind) => void (relay.isAlone || relayed.push(kind)),
  }
  const renewal = new AwarenessRenewal({
    ...{ members, states },
    relay: relay as unknown as BoardRelay,
  })
  const asked: number[] = []
  /** A connection with one client, which has a state of so many bytes. */
  const join = (clientId: number, bytes = 2) => {
    const connection = {
      ...{ id: `${clientId}`, userId: `${clientId}`, connectedAt: clientId },
      send: (bytes: Uint8Array) => {
        const frame = decodeFrame(bytes)
        if (frame.kind !== 'awareness') throw new Error(frame.kind)
        const [entry] = decodeAwarenessUpdate(frame.update)
        // As y-protocols answers, and as it ignores what is older than its own.
        if (!entry?.isGone || entry.clientId !== clientId || entry.clock < clock) return
        asked.push(clientId)
        clock = entry.clock
        change()
      },
    } as unknown as Connection
    let clock = 0
    const change = () => {
      const state = JSON.stringify('x'.repeat(bytes - 2))
      states.receive(connection, [encodeAwarenessEntry({ clientId, clock: ++clock, state })])
    }
    change()
    members.add(connection)
    return { connection, change }
  }
  return {
    ...{ renewal, join, relay, relayed },
    /** The clients that were asked to renew their state since the last call, in order. */
    asked: () => asked.splice(0),
    clockOf: (clientId: number) => states.get(clientId)?.clock,
  }
}

test('AW-13: a client that is back has all others and itself renew their states, on all gateways', () => {
  const { renewal, join, relayed, asked, clockOf } = openBoard()
  for (const clientId of [1, 2]) join(clientId)
  const { connection } = join(3)
  renewal.returned(connection)
  vi.advanceTimersByTime(249)
  expect(asked()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(asked()).toEqual([3, 2, 1])
  // Above the clock that its removal had.
  expect(clockOf(3)).toBe(3)
  expect(relayed).toEqual([RELAY_KINDS.RENEW])
})

test('AW-13: a connection is back once, and what another gateway relays is not relayed again', () => {
  const { renewal, join, relayed, asked } = openBoard()
  const { connection } = join(1)
  renewal.returned(connection)
  renewal.returned(connection)
  vi.advanceTimersByTime(250)
  renewal.returned(connection)
  vi.runAllTimers()
  expect(asked()).toEqual([1])
  renewal.renewAll()
  vi.runAllTimers()
  expect(asked()).toEqual([1])
  expect(relayed).toHaveLength(1)
})

test('AW-13: a client that is brought back after the renewal of its connection renews its own state', () => {
  const { renewal, join, relayed, asked } = openBoard()
  const { connection } = join(1)
  join(2)
  renewal.returned(connection)
  renewal.broughtBack(connection)
  vi.runAllTimers()
  expect(asked()).toEqual([2, 1])
  renewal.broughtBack(connection)
  vi.runAllTimers()
  expect(asked()).toEqual([1])
  expect(relayed).toHaveLength(1)
})

test('AW-13: a gateway that becomes known after a renewal is told of it, once', () => {
  const { renewal, join, relay, relayed } = openBoard()
  renewal.meet()
  relay.isAlone = true
  renewal.returned(join(1).connection)
  vi.runAllTimers()
  expect(relayed).toEqual([])
  relay.isAlone = false
  renewal.meet()
  renewal.meet()
  expect(relayed).toEqual([RELAY_KINDS.RENEW])
})

test('AW-13: those who are back in the same moment cause one renewal', () => {
  const { renewal, join, asked } = openBoard()
  for (const clientId of [1, 2, 3]) renewal.returned(join(clientId).connection)
  vi.runAllTimers()
  expect(asked()).toEqual([3, 2, 1])
})

test('AW-13: renewals take at most 4 MiB of copies a second, and none of a client that has renewed itself', () => {
  const { renewal, join, asked } = openBoard()
  const MEBIBYTE = 1024 * 1024
  // Ten members receive each of ten states: a bit less than 10 MiB.
  const joined = Array.from({ length: 10 }, (_, i) => join(i, MEBIBYTE / 10 - 100))
  renewal.returned(joined[9]!.connection)
  vi.advanceTimersByTime(250)
  expect(asked()).toEqual([9, 8, 7, 6, 5])
  joined[4]!.change()
  vi.advanceTimersByTime(250)
  expect(asked()).toEqual([3])
  vi.advanceTimersByTime(500)
  expect(asked()).toEqual([2, 1])
  vi.runAllTimers()
  expect(asked()).toEqual([0])
})
