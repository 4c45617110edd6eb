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
  presence.open({ connectionId: 'mine', user: ada })
  sync([state('ada', 'mine')], true)
})
afterEach(() => {
  presence.clear()
  vi.useRealTimers()
})

describe('what one shows', () => {
  const move = (ms: number) => {
    for (let i = 0; i < ms; i++) {
      presence.update({ cursor: { x: i, y: 0 } })
      vi.advanceTimersByTime(1)
    }
  }

  test('leaves once a second while nobody else is there', () => {
    move(5_000)
    expect(said.length).toBeGreaterThanOrEqual(5)
    expect(said.length).toBeLessThanOrEqual(6)
  })

  test('leaves 30 times a second in company', () => {
    alanComes()
    move(1_000)
    expect(said.length).toBeGreaterThan(25)
    expect(said.length).toBeLessThanOrEqual(31)
  })

  test('ends with the newest, although that came too soon', () => {
    alanComes()
    presence.update({ cursor: { x: 1, y: 0 } })
    presence.update({ cursor: { x: 2, y: 0 }, selection: ['a'] })
    vi.advanceTimersByTime(40)
    expect(said).toHaveLength(2)
    expect(said[1]).toEqual({ type: 'presence:update', cursor: { x: 2, y: 0 }, selection: ['a'] })
  })

  test('leaves at once when somebody comes who may see it', () => {
    presence.update({ cursor: { x: 1, y: 0 } })
    presence.update({ cursor: { x: 2, y: 0 } })
    vi.advanceTimersByTime(100)
    expect(said).toHaveLength(1)
    alanComes()
    expect(said).toHaveLength(2)
  })

  test('is shown again on the next connection', () => {
    presence.update({ cursor: { x: 1, y: 2 } })
    presence.viewport({ x: 0, y: 0, zoom: 2 })
    presence.down()
    said.length = 0
    vi.advanceTimersByTime(5_000)
    expect(said).toEqual([])
    presence.open({ connectionId: 'next', user: ada })
    expect(said).toEqual([
      { type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] },
      { type: 'presence:viewport', x: 0, y: 0, zoom: 2 },
    ])
  })

  test('keeps the selection where only the cursor moves, and the other way round', () => {
    alanComes()
    presence.update({ selection: ['a'] })
    presence.update({ cursor: { x: 1, y: 0 } })
    vi.advanceTimersByTime(40)
    expect(said.at(-1)).toMatchObject({ cursor: { x: 1 }, selection: ['a'] })
    presence.update({ cursor: null })
    vi.advanceTimersByTime(40)
    expect(said.at(-1)).toMatchObject({ cursor: null, selection: ['a'] })
  })

  test('fits a message, however much is selected', () => {
    presence.update({ selection: Array.from({ length: 2_000 }, (_, i) => `shape-${i}-ü`) })
    const bytes = new TextEncoder().encode(JSON.stringify(said[0])).length
    expect(bytes).toBeLessThanOrEqual(4_096)
    expect(bytes).toBeGreaterThan(3_500)
  })

  test('is refused where it is no number, before a gateway would close for it', () => {
    expect(() => presence.update({ cursor: { x: Number.NaN, y: 0 } })).toThrow(RangeError)
    expect(() => presence.viewport({ x: 0, y: 0, zoom: 0 })).toThrow(RangeError)
    expect(() => presence.viewport({ x: 0, y: Number.POSITIVE_INFINITY, zoom: 1 })).toThrow(
      RangeError,
    )
    expect(said).toEqual([])
  })
})

describe('who is there', () => {
  test('is everybody, oneself included, with each connection once', () => {
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

  test('after a reconnect comes and goes only as far as it changed', () => {
    alanComes()
    const heard: string[] = []
    presence.on('join', ({ id }) => heard.push(`join ${id}`))
    presence.on('leave', ({ id }) => heard.push(`leave ${id}`))
    presence.down()
    expect(presence.others).toHaveLength(1)
    presence.open({ connectionId: 'next', user: ada })
    presence.receive({ type: 'presence:join', userId: 'eve', user: { id: 'eve', name: 'Eve' } })
    sync([state('ada', 'next'), state('eve', 'e1')], true)
    expect(heard).toEqual(['join eve', 'leave alan'])
    expect(presence.others.map(({ connectionId }) => connectionId)).toEqual(['e1'])
  })

  test('of somebody unknown says nothing', () => {
    sync([state('nobody', 'n1', 1)])
    expect(presence.others).toEqual([])
  })
})
