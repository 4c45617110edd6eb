import type { Presence } from '@mindfuse/protocol'
import { beforeEach, expect, test } from 'vitest'
import { type Participant, Participants } from './participants.ts'

let participants: Participants<Presence>
beforeEach(() => {
  participants = new Participants()
})

const participant = (
  connectionId: string,
  userId: string,
  gatewayId = 'g',
): Participant<Presence> => ({
  connectionId,
  gatewayId,
  user: { id: userId, name: userId },
  presence: { userId, connectionId, cursor: null, selection: [], viewport: null },
})

test('a person joins with the first connection and leaves with the last', () => {
  expect(participants.put(participant('1', 'ada'))).toBe(true)
  expect(participants.put(participant('2', 'ada', 'h'))).toBe(false)
  expect(participants.put(participant('3', 'alan'))).toBe(true)
  expect(participants.users.map(({ id }) => id)).toEqual(['ada', 'alan'])
  expect(participants.remove('1')).toBeUndefined()
  expect(participants.remove('2')).toBe('ada')
  expect(participants.put(participant('4', 'ada'))).toBe(true)
})

test('a connection that is put again changes only its state', () => {
  participants.put(participant('1', 'ada'))
  const moved = participant('1', 'ada')
  moved.presence.cursor = { x: 1, y: 2 }
  expect(participants.put(moved)).toBe(false)
  expect(participants.get('1')).toBe(moved)
  expect(participants.remove('1')).toBe('ada')
})

test('a known connection tells of a new name, once for all of the person, and a former one is no news', () => {
  const called = (connectionId: string, name: string) => {
    const { user, ...rest } = participant(connectionId, 'ada')
    return { ...rest, user: { ...user, name } }
  }
  participants.put(called('1', 'Ada'))
  participants.put(called('2', 'Ada'))
  expect(participants.put(called('1', 'Ada King'))).toBe(true)
  // Their gateways have not heard of it yet.
  expect(participants.put(called('2', 'Ada'))).toBe(false)
  expect(participants.put(called('3', 'Ada'))).toBe(false)
  expect(participants.users).toEqual([{ id: 'ada', name: 'Ada King' }])
  expect(participants.put(called('2', 'Ada King'))).toBe(false)
})

test('removing an unknown connection does nothing', () => {
  expect(participants.remove('1')).toBeUndefined()
  participants.put(participant('1', 'ada'))
  participants.remove('1')
  expect(participants.remove('1')).toBeUndefined()
  expect([...participants.all]).toEqual([])
})

test('knows the connections of each gateway', () => {
  const [one, two] = [participant('1', 'ada', 'g'), participant('2', 'ada', 'h')]
  participants.put(one)
  participants.put(two)
  expect(participants.onGateway('g')).toEqual([one])
  expect(participants.onGateway('h')).toEqual([two])
  expect(participants.onGateway('i')).toEqual([])
})
