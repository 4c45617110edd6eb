import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Flushable } from '../flush-window.ts'
import { DeliveryClock } from './delivery-clock.ts'

/** The windows of edits and of presence: two ticks and six. */
const EDITS_MS = 10
const PRESENCE_MS = 3 * EDITS_MS
/** In so long a clock has made up its mind how busy the gateway is. */
const SETTLING_MS = 10_000
/** When something was flushed, milliseconds from the start of the test. */
let times: { edits: number[]; presence: number[] }
let utilization: number
let clock: DeliveryClock
let edits: Flushable
let presence: Flushable

beforeEach(() => {
  vi.useFakeTimers()
  const start = performance.now()
  times = { edits: [], presence: [] }
  utilization = 0
  clock = new DeliveryClock({ tickMs: EDITS_MS / 2, utilization: () => utilization })
  const recorder = (into: number[]) => ({ flush: () => into.push(performance.now() - start) })
  edits = recorder(times.edits)
  presence = recorder(times.presence)
})
afterEach(() => {
  // Before the timers: a spy on a fake one would put the fake back when it is restored.
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Offers something each so many milliseconds. */
function offer(item: 'edits' | 'presence', everyMs: number, forMs: number): void {
  for (let ms = 0; ms < forMs; ms += everyMs) {
    clock[item].offer(item === 'edits' ? edits : presence)
    vi.advanceTimersByTime(everyMs)
  }
}

describe('what a quiet board has to send', () => {
  test('is sent at once', () => {
    clock.edits.offer(edits)
    clock.presence.offer(presence)
    expect(times).toEqual({ edits: [0], presence: [0] })
  })

  test('is sent at once again after a window without any', () => {
    clock.edits.offer(edits)
    vi.advanceTimersByTime(EDITS_MS + 5)
    clock.edits.offer(edits)
    expect(times.edits).toEqual([0, EDITS_MS + 5])
  })

  test('keeps no timer running', () => {
    clock.edits.offer(edits)
    clock.presence.offer(presence)
    vi.advanceTimersByTime(10 * EDITS_MS)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('what a busy board has to send', () => {
  test('is batched until the window ends, that of presence being three times as long', () => {
    offer('edits', 1, 4 * EDITS_MS)
    expect(times.edits).toEqual([0, 10, 20, 30, 40])
    times.presence.length = 0
    offer('presence', 1, 3 * PRESENCE_MS)
    expect(times.presence.slice(1).every((ms, i, all) => i === 0 || ms - all[i - 1]! === 30)).toBe(
      true,
    )
    expect(times.presence.length).toBeLessThanOrEqual(5)
  })

  test('is deferred to the next window, if it is offered while the window ends', () => {
    let again = 2
    const item = {
      flush: () => {
        times.edits.push(performance.now())
        if (again-- > 0) clock.edits.offer(item)
      },
    }
    clock.edits.offer(item)
    vi.advanceTimersByTime(5 * EDITS_MS)
    expect(times.edits.map((ms) => ms - times.edits[0]!)).toEqual([0, 10, 20])
  })

  test('wakes the gateway only when a window ends', () => {
    offer('presence', 1, EDITS_MS)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    offer('presence', 1, 3 * PRESENCE_MS)
    expect(timers).toHaveBeenCalledTimes(3)
  })

  test('is sent when its own window ends, though one that began earlier is longer', () => {
    offer('presence', 1, 5)
    offer('edits', 1, EDITS_MS)
    expect(times.edits).toEqual([5, 15])
    expect(times.presence).toEqual([0])
  })

  test('is sent though another board begins while windows end', () => {
    const other = { flush: () => times.edits.push(performance.now()) }
    const busy = {
      flush: () => {
        times.presence.push(performance.now())
        clock.edits.offer(other)
      },
    }
    clock.presence.offer(busy)
    vi.advanceTimersByTime(2 * EDITS_MS)
    times.edits.length = 0
    clock.presence.offer(busy)
    clock.presence.offer(presence)
    vi.advanceTimersByTime(EDITS_MS)
    clock.edits.offer(other)
    vi.advanceTimersByTime(EDITS_MS)
    expect(times.edits).toHaveLength(2)
    expect(times.presence).toHaveLength(3)
  })

  test('of presence is sent before the edits whose window ends with it', () => {
    const order: string[] = []
    const both = {
      edits: { flush: () => order.push('edits') },
      presence: { flush: () => order.push('presence') },
    }
    for (let i = 0; i < 2; i++) clock.presence.offer(both.presence)
    for (let tick = 0; tick < 3; tick++) {
      for (let i = 0; i < 2; i++) clock.edits.offer(both.edits)
      order.length = 0
      vi.advanceTimersByTime(EDITS_MS)
    }
    expect(order).toEqual(['presence', 'edits'])
  })

  test('is sent now by a flush', () => {
    for (let i = 0; i < 2; i++) {
      clock.edits.offer(edits)
      clock.presence.offer(presence)
    }
    clock.flush()
    expect(times).toEqual({ edits: [0, 0], presence: [0, 0] })
  })
})

/** Of all but the first, when they were flushed after the one before. */
const distances = (all: readonly number[]) => all.slice(1).map((ms, i) => ms - all[i]!)

describe('a gateway', () => {
  test.each([
    [0.1, 10, 30],
    [0.3, 10, 30],
    [0.5, 30, 30],
    [0.95, 30, 90],
  ])(
    'that is busy for %d of the time batches edits for %d ms and presence for %d',
    (share, editMs, presenceMs) => {
      utilization = share
      offer('edits', 1, SETTLING_MS)
      offer('presence', 1, SETTLING_MS)
      // A patient window begins with the first offer after the last one ended.
      const within = (all: number[], ms: number) => {
        const last = distances(all).at(-1)!
        expect(last).toBeGreaterThanOrEqual(ms)
        expect(last).toBeLessThanOrEqual(ms + EDITS_MS / 2)
      }
      within(times.edits, editMs)
      within(times.presence, presenceMs)
    },
  )

  test.each([
    ['presence', 0.1, true],
    ['presence', 0.2, false],
    ['edits', 0.3, true],
    ['edits', 0.5, false],
  ] as const)(
    'on a quiet board sends %s at once where it is busy for %d of the time: %s',
    (what, share, isAtOnce) => {
      utilization = share
      offer(what, 1, SETTLING_MS)
      vi.advanceTimersByTime(2 * PRESENCE_MS)
      times[what].length = 0
      clock[what].offer(what === 'edits' ? edits : presence)
      expect(times[what]).toHaveLength(isAtOnce ? 1 : 0)
      vi.advanceTimersByTime(PRESENCE_MS)
      expect(times[what]).toHaveLength(1)
    },
  )

  /** The window of edits at this utilization. */
  function editMsAt(share: number, forMs = SETTLING_MS): number {
    utilization = share
    offer('edits', 1, forMs)
    return distances(times.edits).at(-1)!
  }

  test('with longer windows keeps them while only these make it less busy', () => {
    expect(editMsAt(0.3)).toBe(EDITS_MS)
    expect(editMsAt(0.4)).toBeGreaterThanOrEqual(PRESENCE_MS)
    expect(editMsAt(0.3)).toBeGreaterThanOrEqual(PRESENCE_MS)
    expect(editMsAt(0.2)).toBe(EDITS_MS)
  })

  test('that was busy and then idle for a second is eager after the first offer', () => {
    expect(editMsAt(0.5)).toBeGreaterThanOrEqual(PRESENCE_MS)
    utilization = 0.05
    vi.advanceTimersByTime(1_000)
    clock.edits.offer(edits)
    vi.advanceTimersByTime(2 * PRESENCE_MS)
    times.edits.length = 0
    clock.edits.offer(edits)
    expect(times.edits).toHaveLength(1)
  })

  test('that is busy for a moment does not change its pace', () => {
    expect(editMsAt(0.2)).toBe(EDITS_MS)
    expect(editMsAt(0.6, 300)).toBe(EDITS_MS)
    expect(editMsAt(0.2)).toBe(EDITS_MS)
  })
})
