import type { OutageLog } from '@mindfuse/service-kit'
import { dropOldest, type RateCounter } from '@mindfuse/shared-state'

/** How often local counts are added to the shared ones, milliseconds. */
const SYNC_INTERVAL_MS = 250

/** Most keys counted at a time; past it the oldest is counted anew. */
const MAX_KEYS = 50_000

interface Window {
  count: number
  /** In the time of `performance.now()`. */
  endsAt: number
  /** Counted here and not yet added to the shared count. */
  pending: number
}

/** A {@link RateCounter} that answers synchronously. */
export interface LocalRateCounter {
  /** Counts one more, or `by`, see {@link RateCounter.increment}. */
  increment(key: string, windowMs: number, by?: number): { count: number; resetsInMs: number }
  close(): void
}

/**
 * Counts here at once and with the others a moment later, so that a request need not wait for the
 * shared store. Exact on one instance; several together may let a fraction of a second's requests
 * too many through. While the shared counts cannot be had, each instance limits by its own: refusing
 * everybody would be the worse failure.
 *
 * @param options.shared adds counts of this instance to the shared ones
 */
export function createLocalRateCounter(options: {
  shared: RateCounter
  outage: Pick<OutageLog, 'fail' | 'recover'>
}): LocalRateCounter {
  const windows = new Map<string, Window>()
  const changed = new Map<string, number>()

  const share = async ([key, windowMs]: [string, number]) => {
    const window = windows.get(key)
    if (!window) return
    const pending = window.pending
    window.pending = 0
    const { count } = await options.shared.increment(key, windowMs, pending).catch((error) => {
      // Added to the shared count with the next sync.
      window.pending += pending
      throw error
    })
    // What others counted comes on top; what was counted here since is not in it yet.
    window.count = Math.max(window.count, count + window.pending)
  }
  const sync = async () => {
    if (changed.size === 0) return
    const batch = [...changed]
    changed.clear()
    try {
      await Promise.all(batch.map(share))
      options.outage.recover()
    } catch (error) {
      options.outage.fail(error)
    }
  }
  const timer = setInterval(() => void sync(), SYNC_INTERVAL_MS).unref()

  return {
    close: () => clearInterval(timer),

    increment(key, windowMs, by = 1) {
      const now = performance.now()
      const known = windows.get(key)
      const window =
        known && known.endsAt > now ? known : { count: 0, endsAt: now + windowMs, pending: 0 }
      if (window !== known) {
        windows.delete(key)
        windows.set(key, window)
        dropOldest(windows, MAX_KEYS)
      }
      window.count += by
      window.pending += by
      changed.set(key, windowMs)
      return { count: window.count, resetsInMs: window.endsAt - now }
    },
  }
}
