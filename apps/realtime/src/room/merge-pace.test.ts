import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MergePace } from './merge-pace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** How long it takes until the next merge may begin, milliseconds. */
function pauseOf(pace: MergePace): number {
  const startedAt = Date.now()
  while (!pace.isDue) vi.advanceTimersByTime(500)
  return Date.now() - startedAt
}

describe('a board', () => {
  test('LIM-22: is merged for a fifth of the time at most, whatever a merge takes', () => {
    const pace = new MergePace()
    expect(pace.isDue).toBe(true)
    pace.succeeded(100)
    expect(pauseOf(pace)).toBe(2_000)
    pace.succeeded(3_000)
    expect(pauseOf(pace)).toBe(12_000)
  })

  test('that failed to be merged is tried again later and later', () => {
    const pace = new MergePace()
    const pauses = Array.from({ length: 10 }, () => {
      pace.failed()
      return pauseOf(pace)
    })
    expect(pauses.slice(0, 3)).toEqual([2_000, 4_000, 8_000])
    expect(pauses.slice(-2)).toEqual([300_000, 300_000])
    pace.succeeded(100)
    pace.failed()
    expect(pauseOf(pace)).toBe(2_000)
    expect(pace.isHopeless).toBe(false)
  })

  test('that is merged elsewhere is asked about again soon, however often', () => {
    const pace = new MergePace()
    const pauses = Array.from({ length: 10 }, () => {
      pace.isElsewhere()
      return pauseOf(pace)
    })
    expect(new Set(pauses)).toEqual(new Set([2_000]))
    pace.failed()
    expect(pauseOf(pace)).toBe(2_000)
  })

  test('that cannot be merged is given up for ten minutes', () => {
    const pace = new MergePace()
    pace.giveUp()
    expect(pace.isHopeless).toBe(true)
    expect(pauseOf(pace)).toBe(600_000)
    expect(pace.isHopeless).toBe(false)
  })
})
