import type { ClientMessage, PresenceUser } from '@mindfuse/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Presence } from './presence.ts'

const ada: PresenceUser = { id: 'ada', name: 'Ada' }
const alan: PresenceUser = { id: 'alan', name: 'Alan' }
let said: ClientMessage[]
let presence: Presence

const state = (userId: string, connectionId: string, x?: number) => ({
  userId,
  connectionId,
  cursor: x === undefined ? null : { x, y: 0 },
  selection: [],
  viewport: null,
})

const sync = (presences: ReturnType<typeof state>[], full?: true) =>
  presence.receive({ type: 'presence:sync', presences, ...(full && { full }) })

const alanComes = () => {
  presence.receive({ type: 'presence:join', userId: 'alan', user: alan })
  sync([state('alan', 'a1')])
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  said = []
  presence = new Presence((message) => said.push(message) > 0)
  presence.connected({ connectionId: 'mine', user: ada })
  sync([state('ada', 'mine')], true)
})
afterEach(() => {
  presence.clear()
  vi.useRealTimers()
})

describe('your own presence', () => {
  const move = (ms: number) => {
    for (let i = 0; i < ms; i++) {
      presence.update({ cursor: { x: i, y: 0 } })
      vi.advanceTimersByTime(1)
    }
  }

  test('is sent once a second while nobody else is there', () => {
    move(5_000)
    expect(said.length).toBeGreaterThanOrEqual(5)
    expect(said.length).toBeLessThanOrEqual(6)
  })

  test('is sent 30 times a second while others are there', () => {
    alanComes()
    move(1_000)
    expect(said.length).toBeGreaterThan(25)
    expect(said.length).toBeLessThanOrEqual(31)
  })

  test('ends with the latest update, although it was throttled', () => {
    alanComes()
    presence.update({ cursor: { x: 1, y: 0 } })
    presence.update({ cursor: { x: 2, y: 0 }, selection: ['a'] })
    vi.advanceTimersByTime(40)
    expect(said).toHaveLength(2)
    expect(said[1]).toEqual({ type: 'presence:update', cursor: { x: 2, y: 0 }, selection: ['a'] })
  })

  test('is sent immediately when another user joins', () => {
    presence.update({ cursor: { x: 1, y: 0 } })
    presence.update({ cursor: { x: 2, y: 0 } })
    vi.advanceTimersByTime(100)
    expect(said).toHaveLength(1)
    alanComes()
    expect(said).toHaveLength(2)
  })

  test('is sent again on the next connection', () => {
    presence.update({ cursor: { x: 1, y: 2 } })
    presence.viewport({ x: 0, y: 0, zoom: 2 })
    presence.disconnected()
    said.length = 0
    vi.advanceTimersByTime(5_000)
    expect(said).toEqual([])
    presence.connected({ connectionId: 'next', user: ada })
    expect(said).toEqual([
      { type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] },
      { type: 'presence:viewport', x: 0, y: 0, zoom: 2 },
    ])
  })

  test('keeps the selection if only the cursor moves, and vice versa', () => {
    alanComes()
    presence.update({ selection: ['a'] })
    presence.update({ cursor: { x: 1, y: 0 } })
    vi.advanceTimersByTime(40)
    expect(said.at(-1)).toMatchObject({ cursor: { x: 1 }, selection: ['a'] })
    presence.update({ cursor: null })
    vi.advanceTimersByTime(40)
    expect(said.at(-1)).toMatchObject({ cursor: null, selection: ['a'] })
  })

  test('fits into a message, however much is selected', () => {
    presence.update({ selection: Array.from({ length: 2_000 }, (_, i) => `shape-${i}-ü`) })
    const bytes = new TextEncoder().encode(JSON.stringify(said[0])).length
    expect(bytes).toBeLessThanOrEqual(4_096)
    expect(bytes).toBeGreaterThan(3_500)
  })

  test('is refused without finite numbers, for which a gateway would close', () => {
    expect(() => presence.update({ cursor: { x: Number.NaN, y: 0 } })).toThrow(RangeError)
    expect(() => presence.viewport({ x: 0, y: 0, zoom: 0 })).toThrow(RangeError)
    expect(() => presence.viewport({ x: 0, y: Number.POSITIVE_INFINITY, zoom: 1 })).toThrow(
      RangeError,
    )
    expect(said).toEqual([])
  })
})

describe('the users on a board', () => {
  test('include you, with each connection once', () => {
    alanComes()
    sync([state('alan', 'a2', 5), state('alan', 'a1', 3)])
    expect(presence.users).toEqual([
      { user: ada, connections: [expect.objectContaining({ connectionId: 'mine' })] },
      {
        user: alan,
        connections: [
          expect.objectContaining({ connectionId: 'a2', cursor: { x: 5, y: 0 } }),
          expect.objectContaining({ connectionId: 'a1', cursor: { x: 3, y: 0 } }),
        ],
      },
    ])
    expect(presence.others.map(({ connectionId }) => connectionId)).toEqual(['a2', 'a1'])
  })

  test('join and leave after a reconnect only as far as they changed', () => {
    alanComes()
    const heard: string[] = []
    presence.on('join', ({ id }) => heard.push(`join ${id}`))
    presence.on('leave', ({ id }) => heard.push(`leave ${id}`))
    presence.disconnected()
    expect(presence.others).toHaveLength(1)
    presence.connected({ connectionId: 'next', user: ada })
    presence.receive({ type: 'presence:join', userId: 'eve', user: { id: 'eve', name: 'Eve' } })
    sync([state('ada', 'next'), state('eve', 'e1')], true)
    expect(heard).toEqual(['join eve', 'leave alan'])
    expect(presence.others.map(({ connectionId }) => connectionId)).toEqual(['e1'])
  })

  test('are not extended by the presence of an unknown user', () => {
    sync([state('nobody', 'n1', 1)])
    expect(presence.others).toEqual([])
  })
})
