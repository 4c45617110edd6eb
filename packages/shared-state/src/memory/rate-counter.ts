import type { RateCounter } from '../rate-counter.ts'
import { dropOldest } from './drop-oldest.ts'

/** Most keys counted at a time; past it the oldest window is forgotten. */
const MAX_KEYS = 100_000

/** The rate counter of a single process. `now` is in milliseconds, for tests. */
export function createMemoryRateCounter(now: () => number = () => performance.now()): RateCounter {
  const windows = new Map<string, { count: number; endsAt: number }>()
  return {
    async increment(key, windowMs, by = 1) {
      const known = windows.get(key)
      const window = known && known.endsAt > now() ? known : { count: 0, endsAt: now() + windowMs }
      window.count += by
      if (window !== known) {
        windows.delete(key)
        windows.set(key, window)
        dropOldest(windows, MAX_KEYS)
      }
      return { count: window.count, resetsInMs: window.endsAt - now() }
    },
  }
}
