import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ClockSkew } from './clock-skew.ts'
import type { Logger } from './logger.ts'

const logged: [level: string, message: string, aheadSeconds: number][] = []
const write = (level: string) => (fields: { aheadSeconds: number }, message: string) =>
  void logged.push([level, message, fields.aheadSeconds])
const log = { warn: write('warn'), info: write('info') } as unknown as Logger
let skew: ClockSkew

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000_000_000 })
  logged.length = 0
  skew = new ClockSkew({ log, other: 'the API' })
})
afterEach(() => void vi.useRealTimers())

/** Asks somebody whose clock is so far behind, who answers in the middle of so long a time. */
function compare(aheadMs: number, tookMs = 100): void {
  const askedAt = performance.now()
  vi.advanceTimersByTime(tookMs / 2)
  const theirs = Date.now() - aheadMs
  vi.advanceTimersByTime(tookMs / 2)
  skew.note(theirs, askedAt)
}

test.each([0, 3_600_000, -3_600_000])('knows that a clock is ahead by %d ms', (aheadMs) => {
  expect(skew.seconds).toBe(0)
  compare(aheadMs)
  expect(skew.seconds).toBe(aheadMs / 1_000)
})

test('is logged once where it is too large, and once when it is not any more', () => {
  for (const aheadMs of [60_000, -60_100, -60_100, 61_000, 0, 0]) compare(aheadMs)
  expect(logged).toEqual([
    ['warn', 'the clocks differ too much', -60],
    ['info', 'the clocks agree again', 0],
  ])
})

test('learns nothing from an answer that took long, or that has no time', () => {
  compare(5_000)
  compare(0, 2_002)
  skew.note(Number.NaN, performance.now())
  expect(skew.seconds).toBe(5)
})
