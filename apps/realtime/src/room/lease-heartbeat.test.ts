import { createLogger } from '@mindfuse/service-kit'
import { createMemorySharedState, GATEWAY_LEASE_MS, type SharedState } from '@mindfuse/shared-state'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LeaseHeartbeat } from './lease-heartbeat.ts'

const HEARTBEAT_MS = 1_000

let sharedState: SharedState
let heartbeat: LeaseHeartbeat
const removed: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  removed.length = 0
  sharedState = createMemorySharedState()
})
afterEach(async () => {
  await heartbeat.stop()
  vi.useRealTimers()
})

function start(): void {
  const place = {
    otherGateways: new Set(['other']),
    removeGateway: (id: string) => removed.push(id),
    storePresence: async () => undefined,
  }
  heartbeat = new LeaseHeartbeat({
    gatewayId: 'this',
    places: () => [place],
    sharedState,
    log: createLogger({ service: 'realtime', level: 'silent' }),
    onReaped: () => undefined,
  })
}

/** What a restart without any failed command looks like. */
async function loseLeases(): Promise<void> {
  for (const id of ['this', 'other']) await sharedState.presence.releaseLease(id)
}

test('a gateway whose lease expired is removed', async () => {
  await sharedState.presence.renewLease('other')
  start()
  await vi.advanceTimersByTimeAsync(GATEWAY_LEASE_MS + HEARTBEAT_MS)
  expect(removed).toContain('other')
})

test('PRES-10: a store that lost all leases between two heartbeats makes nobody dead', async () => {
  await sharedState.presence.renewLease('other')
  start()
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS)
  await loseLeases()
  await vi.advanceTimersByTimeAsync(2 * HEARTBEAT_MS)
  // Its own heartbeat comes later than ours.
  await sharedState.presence.renewLease('other')
  await vi.advanceTimersByTimeAsync(2 * HEARTBEAT_MS)
  expect(removed).toEqual([])
})

test('a clock that is set back by an hour keeps nobody who is gone', async () => {
  await sharedState.presence.renewLease('other')
  start()
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS)
  await loseLeases()
  await vi.advanceTimersByTimeAsync(2 * HEARTBEAT_MS)
  vi.setSystemTime(Date.now() - 3_600_000)
  await vi.advanceTimersByTimeAsync(3 * GATEWAY_LEASE_MS)
  expect(removed).toContain('other')
})
