import { expect, test } from 'vitest'
import { BACKOFF_CAP_MS, fullJitter } from './backoff.ts'

test('the bound doubles from a second to half a minute, and the delay is anywhere below', () => {
  const bounds = [0, 1, 2, 3, 4, 5, 50].map((failures) => fullJitter(failures, () => 1))
  expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, BACKOFF_CAP_MS, BACKOFF_CAP_MS])
  expect(fullJitter(3, () => 0)).toBe(0)
  expect(fullJitter(3, () => 0.25)).toBe(2_000)
})

test('a thousand clients come back evenly spread', () => {
  const tenths = new Array<number>(10).fill(0)
  for (let i = 0; i < 10_000; i++) {
    const tenth = Math.floor(fullJitter(0, Math.random) / 100)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  // 1,000 each; 850 and 1,150 are five standard deviations away.
  expect(Math.min(...tenths)).toBeGreaterThan(850)
  expect(Math.max(...tenths)).toBeLessThan(1_150)
})
