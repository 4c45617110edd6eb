import { createMemorySharedState } from '@mindfuse/shared-state'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLocalRateCounter, type LocalRateCounter } from './local-rate-counter.ts'

const MINUTE_MS = 60_000

let counter: LocalRateCounter

beforeEach(() => {
  vi.useFakeTimers()
  const outage = { fail: (error: unknown) => expect.fail(`${error}`), recover: () => undefined }
  counter = createLocalRateCounter({ shared: createMemorySharedState().rates, outage })
})
afterEach(() => {
  counter.close()
  vi.useRealTimers()
})

test.each([-60, 60])('counts by the minute, though the clock is set by %d minutes', (minutes) => {
  counter.increment('ada', MINUTE_MS)
  vi.setSystemTime(Date.now() + minutes * MINUTE_MS)
  expect(counter.increment('ada', MINUTE_MS)).toEqual({ count: 2, resetsInMs: MINUTE_MS })
  vi.advanceTimersByTime(MINUTE_MS)
  expect(counter.increment('ada', MINUTE_MS)).toEqual({ count: 1, resetsInMs: MINUTE_MS })
})
