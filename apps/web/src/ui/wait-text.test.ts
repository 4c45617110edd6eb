import { expect, test } from 'vitest'
import { waitText } from './wait-text.ts'

test.each([
  [900_000, '15 minutes'],
  [61_000, '2 minutes'],
  [60_000, '60 seconds'],
  [400, '1 second'],
])('%i ms is %s', (ms, text) => {
  expect(waitText(ms)).toBe(text)
})

test('is in the language of the page', () => {
  expect(waitText(900_000, 'zh')).toBe('15分钟')
})
