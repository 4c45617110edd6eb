import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Flushable, FlushWindow } from './flush-window.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function counter(onFlush: () => unknown = () => undefined): Flushable & { count: number } {
  return {
    count: 0,
    flush() {
      this.count++
      onFlush()
    },
  }
}

test('flushes each item once, a window after the first mark', () => {
  const window = new FlushWindow(30)
  const [one, two] = [counter(), counter()]
  window.mark(one)
  vi.advanceTimersByTime(20)
  window.mark(two)
  window.mark(one)
  expect([one.count, two.count]).toEqual([0, 0])
  vi.advanceTimersByTime(10)
  expect([one.count, two.count]).toEqual([1, 1])
  vi.advanceTimersByTime(100)
  expect([one.count, two.count]).toEqual([1, 1])
})

test('what is marked while flushing waits for the next window', () => {
  const window = new FlushWindow(30)
  const item = counter(() => item.count < 2 && window.mark(item))
  window.mark(item)
  vi.advanceTimersByTime(30)
  expect(item.count).toBe(1)
  vi.advanceTimersByTime(30)
  expect(item.count).toBe(2)
})

test('flushing at once ends the window', () => {
  const window = new FlushWindow(30)
  const item = counter()
  window.mark(item)
  window.flush()
  vi.advanceTimersByTime(100)
  expect(item.count).toBe(1)
})
