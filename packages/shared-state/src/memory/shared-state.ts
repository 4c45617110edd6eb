import type { SharedState } from '../shared-state.ts'
import { createMemoryEventBus } from './event-bus.ts'
import { createMemoryPermissionCache } from './permission-cache.ts'
import { createMemoryPresenceStore } from './presence-store.ts'
import { createMemoryRateCounter } from './rate-counter.ts'
import { createMemoryRelay } from './relay.ts'
import { createMemorySessionRevocations } from './session-revocations.ts'

/** Shared state for services that live in one process: the embedded default. */
export function createMemorySharedState(): SharedState {
  return {
    permissions: createMemoryPermissionCache(),
    events: createMemoryEventBus(),
    rates: createMemoryRateCounter(),
    revocations: createMemorySessionRevocations(),
    relay: createMemoryRelay(),
    presence: createMemoryPresenceStore(),
    async ping() {
      // Memory always answers.
    },
    async close() {
      // Nothing is held open.
    },
  }
}
