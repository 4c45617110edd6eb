import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Heartbeat } from './heartbeat.ts'

let pings: number
let gaveUpAfterMs: number | undefined
let heartbeat: Heartbeat
let bufferedBytes: number

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  pings = 0
  gaveUpAfterMs = undefined
  bufferedBytes = 0
  heartbeat = new Heartbeat({
    withinSeconds: 30,
    ping: () => pings++,
    giveUp: () => {
      gaveUpAfterMs = Date.now()
    },
    bufferedBytes: () => bufferedBytes,
  })
})
afterEach(() => {
  heartbeat.stop()
  vi.useRealTimers()
})

test('a dead connection is given up within its timeout', () => {
  vi.advanceTimersByTime(30_000)
  expect(pings).toBe(1)
  expect(gaveUpAfterMs).toBe(20_000)
})

test('a connection that is busy sending is kept, and given up once nothing leaves', () => {
  bufferedBytes = 16_000
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(10_000)
    bufferedBytes -= 1_000
  }
  expect(gaveUpAfterMs).toBeUndefined()
  vi.advanceTimersByTime(20_000)
  expect(gaveUpAfterMs).toBe(120_000)
  expect(pings).toBe(1)
})

test('nothing is pinged while messages arrive', () => {
  for (let i = 0; i < 100; i++) {
    vi.advanceTimersByTime(9_000)
    heartbeat.beat()
  }
  expect(pings).toBe(0)
  expect(gaveUpAfterMs).toBeUndefined()
})

test('an idle connection is pinged every third of the timeout, and kept', () => {
  for (let i = 0; i < 60; i++) {
    vi.advanceTimersByTime(1_000)
    if (pings > 0) heartbeat.beat()
  }
  expect(gaveUpAfterMs).toBeUndefined()
  expect(pings).toBe(1)
})

test('after a long sleep it pings first, and gives up only without an answer', () => {
  vi.setSystemTime(3_600_000)
  vi.advanceTimersByTime(10_000)
  expect(pings).toBe(1)
  expect(gaveUpAfterMs).toBeUndefined()
  heartbeat.beat()
  vi.advanceTimersByTime(10_000)
  expect(gaveUpAfterMs).toBeUndefined()
})

test('it pings immediately when asked to, and once at a time', () => {
  heartbeat.check()
  heartbeat.check()
  expect(pings).toBe(1)
  vi.advanceTimersByTime(10_000)
  expect(gaveUpAfterMs).toBe(10_000)
})
