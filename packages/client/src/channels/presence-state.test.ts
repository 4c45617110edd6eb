import type { ChannelPresence } from '@mindfuse/protocol'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { Emitter } from '../emitter.ts'
import { PresenceState, stateOnWire } from './presence-state.ts'
import type { ChannelEvents, ChannelPresent } from './types.ts'

let presence: PresenceState
let reported: unknown[]

const at = (presents: readonly ChannelPresent[]) => presents.map((present) => present.at)

let events: Emitter<ChannelEvents>

beforeEach(() => {
  events = new Emitter()
  presence = new PresenceState(events)
  reported = []
  events.on('presence:join', ({ key, currentPresences, newPresences }) => {
    reported.push(['join', key, at(currentPresences), at(newPresences)])
  })
  events.on('presence:leave', ({ key, currentPresences, leftPresences }) => {
    reported.push(['leave', key, at(currentPresences), at(leftPresences)])
  })
  events.on('presence:sync', () => reported.push('sync'))
})

const of = (connectionId: string, state: unknown): ChannelPresence => ({
  connectionId,
  user: { id: 'ada', name: 'Ada' },
  state,
})

function receive(presences: ChannelPresence[], rest: { left?: string[]; full?: true } = {}): void {
  presence.receive({ type: 'channel:presence', topic: 'board:1', presences, ...rest })
}

/** The states by key, without what the SDK adds. */
const known = () =>
  Object.fromEntries(Object.entries(presence.all).map(([key, presents]) => [key, at(presents)]))

test('connections of one key are listed together, and reported together', () => {
  receive([of('1', { presence_key: 'ada', at: 1 }), of('2', { presence_key: 'ada', at: 2 })], {
    full: true,
  })
  receive([of('3', { at: 3 })])
  receive([], { left: ['1', 'unknown'] })
  expect(known()).toEqual({ ada: [2], 3: [3] })
  expect(reported).toEqual([
    ['join', 'ada', [], [1, 2]],
    'sync',
    ['join', '3', [], [3]],
    'sync',
    ['leave', 'ada', [2], [1]],
    'sync',
  ])
})

test('a new state of a connection joins, and then the one before leaves', () => {
  receive([of('1', { presence_key: 'ada', at: 1 })], { full: true })
  const [before] = presence.all.ada ?? []
  reported = []
  receive([of('1', { presence_key: 'ada', at: 2 })])
  expect(reported).toEqual([['join', 'ada', [1], [2]], ['leave', 'ada', [2], [1]], 'sync'])
  const [after] = presence.all.ada ?? []
  expect(after?.presence_ref).not.toBe(before?.presence_ref)
})

test('a state under another key moves there', () => {
  receive([of('1', { presence_key: 'ada', at: 1 })], { full: true })
  reported = []
  receive([of('1', { presence_key: 'grace', at: 1 })])
  expect(reported).toEqual([['join', 'grace', [], [1]], ['leave', 'ada', [], [1]], 'sync'])
  expect(known()).toEqual({ grace: [1] })
})

test('all there is replaces what was known, and what stays is not reported', () => {
  receive([of('1', { at: 1 }), of('2', { at: 2 })], { full: true })
  const [one] = presence.all['1'] ?? []
  reported = []
  receive([of('1', { at: 1 }), of('3', { at: 3 })], { full: true })
  expect(reported).toEqual([['join', '3', [], [3]], ['leave', '2', [], [2]], 'sync'])
  expect(presence.all['1']).toEqual([one])
})

test('the user is the one of the server, whatever a state says', () => {
  receive([of('1', { presence_user: { id: 'grace' }, presence_ref: 'x', user: 'y' })])
  expect(presence.all['1']).toEqual([
    { user: 'y', presence_ref: '1.1', presence_user: { id: 'ada', name: 'Ada' } },
  ])
})

test.for([true, 'text', 7, [1]])('a state that is no object is listed as one: %j', (state) => {
  receive([of('1', state)])
  expect(presence.all['1']).toMatchObject([{ state }])
})

test('a listener may leave the channel, which ends the report', () => {
  receive([of('1', { at: 1 }), of('2', { at: 2 })], { full: true })
  reported = []
  const stop = events.on('presence:join', () => presence.clear())
  receive([of('1', { at: 3 }), of('4', { at: 4 })], { left: ['2'] })
  stop()
  expect(known()).toEqual({})
  expect(reported).toEqual([['join', '1', [1], [3]]])
  receive([of('4', { at: 4 })], { full: true })
  expect(known()).toEqual({ 4: [4] })
})

test('no key is special', () => {
  receive([of('1', { presence_key: '__proto__', at: 1 }), of('2', { presence_key: 7, at: 2 })])
  expect(Object.entries(presence.all).map(([key, presents]) => [key, at(presents)])).toEqual([
    ['2', [2]],
    ['__proto__', [1]],
  ])
  expect(Object.getPrototypeOf(presence.all)).toBe(Object.prototype)
})

test('a state is sent as it is at the time, with its key', () => {
  const state = { at: { x: 1 } }
  const sent = stateOnWire(state, 'ada')
  state.at.x = 2
  expect(sent).toEqual({ at: { x: 1 }, presence_key: 'ada' })
  expect(stateOnWire(state, undefined)).toEqual({ at: { x: 2 } })
})

test('whatever happens, joins and leaves add up to the state', () => {
  const connection = fc.constantFrom('1', '2', '3', '4')
  const step = fc.record({
    presences: fc.uniqueArray(
      fc.tuple(connection, fc.constantFrom('ada', 'alan', undefined), fc.nat(2)),
      { selector: ([id]) => id },
    ),
    left: fc.uniqueArray(connection),
    isFull: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const events = new Emitter<ChannelEvents>()
      const state = new PresenceState(events)
      const refs = new Set<string>()
      const truth = new Map<string, string>()
      events.on('presence:join', ({ newPresences }) => {
        for (const { presence_ref } of newPresences) refs.add(presence_ref)
      })
      events.on('presence:leave', ({ leftPresences }) => {
        for (const { presence_ref } of leftPresences) expect(refs.delete(presence_ref)).toBe(true)
      })
      for (const { presences, left, isFull } of steps) {
        const named = new Set(presences.map(([id]) => id))
        const gone = left.filter((id) => !named.has(id))
        if (isFull) truth.clear()
        for (const id of gone) truth.delete(id)
        for (const [id, key = id, value] of presences) truth.set(id, `${key} ${value}`)
        state.receive({
          ...{ type: 'channel:presence', topic: 'board:1' },
          presences: presences.map(([id, key, value]) => of(id, { at: value, presence_key: key })),
          ...(isFull ? { full: true } : { left: gone }),
        })
        const listed = Object.entries(state.all).flatMap(([key, presents]) =>
          presents.map((present) => ({ text: `${key} ${present.at}`, ref: present.presence_ref })),
        )
        expect(listed.map(({ text }) => text).sort()).toEqual([...truth.values()].sort())
        expect(listed.map(({ ref }) => ref).sort()).toEqual([...refs].sort())
      }
    }),
  )
})
