import { expect, test } from 'vitest'
import { duration, megabytes, quantity, shortTime, stateText } from './instance-text.ts'

test.each([
  [{ reasons: [], silentSeconds: 2 }, 'Ready', true],
  [{ reasons: ['going_away'], silentSeconds: 0 }, 'Stopping', false],
  [{ reasons: ['api_unavailable', 'new'], silentSeconds: 0 }, 'No API answers, new', false],
  [{ reasons: [], silentSeconds: 59 }, 'Silent for 59 s', false],
])('%j is %s', (instance, text, isGood) => {
  expect(stateText(instance)).toEqual({ text, isGood })
})

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3_661, '1 h 1 min'],
  [3_605, '1 h'],
  [270_000, '3 d 3 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

test('amounts have as many digits as help', () => {
  expect([0, 0.25, 7, 12.4, 1_204.2].map(quantity)).toEqual(['0', '0.3', '7', '12', '1,204'])
  expect([0.0124, 1.52].map(shortTime)).toEqual(['12 ms', '1.5 s'])
  expect([0, 1_500_000, 200_000_000].map(megabytes)).toEqual(['0 MB', '1.4 MB', '191 MB'])
})
