import { expect, test } from 'vitest'
import { readLaser } from './lasers.ts'

test('what a laser sends is read', () => {
  const message = { points: [1, 2, -3.5, 4], ms: 50, isStart: true }
  expect(readLaser(message)).toEqual(message)
  expect(readLaser({ points: [], ms: 0 })).toEqual({ points: [], ms: 0, isStart: false })
})

test.each([
  ['nothing', null],
  ['a text', 'laser'],
  ['no points', { ms: 50, isStart: true }],
  ['points that are no numbers', { points: ['1', '2'], ms: 50 }],
  ['points that are null, as JSON makes of infinity', { points: [1, null], ms: 50 }],
  ['half a point', { points: [1, 2, 3], ms: 50 }],
  ['too many points', { points: Array(402).fill(1), ms: 50 }],
  ['points of the future', { points: [1, 2], ms: 1e9 }],
  ['points of the past', { points: [1, 2], ms: -1 }],
  ['no time', { points: [1, 2] }],
])('%s is none', (_, payload) => {
  expect(readLaser(payload)).toBeUndefined()
})
