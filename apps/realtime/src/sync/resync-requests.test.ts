import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ResyncRequests } from './resync-requests.ts'

const ada = { name: 'ada' }
const alan = { name: 'alan' }

let asked: string[]
let requests: ResyncRequests<{ name: string }>
beforeEach(() => {
  vi.useFakeTimers({ now: 100_000 })
  asked = []
  requests = new ResyncRequests(({ name }) => asked.push(name))
})
afterEach(() => vi.useRealTimers())

test('SYNC-13: one request per peer is pending, until the reply arrives or it times out', () => {
  requests.request(ada)
  requests.request(ada)
  requests.request(alan)
  expect(asked).toEqual(['ada', 'alan'])

  requests.replied(ada)
  requests.request(ada)
  requests.request(alan)
  expect(asked).toEqual(['ada', 'alan', 'ada'])

  vi.advanceTimersByTime(4_999)
  requests.request(ada)
  expect(asked).toHaveLength(3)
  vi.advanceTimersByTime(1)
  requests.request(ada)
  requests.request(ada)
  expect(asked).toHaveLength(4)
})

test('ACK-6: a peer whose edit was refused is asked after a second, then after twice as long each time', () => {
  const waits: number[] = []
  for (let i = 0; i < 7; i++) {
    requests.refused(ada, 'rate_limited', { asksLater: true })
    // Those that were on their way with it do not count.
    requests.refused(ada, 'rate_limited', { asksLater: true })
    const startedAt = Date.now()
    vi.advanceTimersToNextTimer()
    waits.push(Date.now() - startedAt)
    requests.replied(ada)
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(asked).toHaveLength(7)

  requests.accepted(ada)
  requests.refused(ada, 'rate_limited', { asksLater: true })
  vi.advanceTimersByTime(1_000)
  expect(asked).toHaveLength(8)
})

test('ACK-6: a gap behind a refused edit waits as long, and says why', () => {
  requests.refused(ada, 'too_complex', { asksLater: false })
  vi.advanceTimersByTime(500)
  expect(asked).toEqual([])
  expect(requests.request(ada)).toBe('too_complex')
  expect(requests.request(ada)).toBe('too_complex')
  vi.advanceTimersByTime(499)
  expect(asked).toEqual([])
  vi.advanceTimersByTime(1)
  expect(asked).toEqual(['ada'])
  // The request is pending.
  expect(requests.request(ada)).toBeUndefined()
  expect(asked).toEqual(['ada'])
})

test('LIM-21: a peer can be spared for longer', () => {
  requests.refused(ada, 'too_large', { asksLater: true, backoffMs: 60_000 })
  expect(requests.request(ada)).toBe('too_large')
  vi.advanceTimersByTime(59_999)
  expect(asked).toEqual([])
  vi.advanceTimersByTime(1)
  expect(asked).toEqual(['ada'])
})
