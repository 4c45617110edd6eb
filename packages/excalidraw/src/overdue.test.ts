import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Overdue } from './overdue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what is done in time is never overdue, whenever it began', () => {
  const act = vi.fn()
  const overdue = new Overdue(3_000, act)
  for (let i = 0; i < 10; i++) {
    overdue.note(true)
    vi.advanceTimersByTime(2_900)
    overdue.note(false)
    vi.advanceTimersByTime(700)
  }
  expect(act).not.toHaveBeenCalled()
})

test('what goes on is overdue again and again, and not once it has stopped', () => {
  const act = vi.fn()
  const overdue = new Overdue(3_000, act)
  for (let ms = 0; ms < 10_000; ms += 100) {
    overdue.note(true)
    vi.advanceTimersByTime(100)
  }
  expect(act).toHaveBeenCalledTimes(3)
  overdue.close()
  vi.advanceTimersByTime(10_000)
  expect(act).toHaveBeenCalledTimes(3)
})
