import type { SharedState } from '../shared-state.ts'
import { createMemoryEventBus } from './event-bus.ts'
import { createMemoryPermissionCache } from './permission-cache.ts'
import { createMemoryPresenceStore } from './presence-store.ts'
import { createMemoryRateCounter } from './rate-counter.ts'
import { createMemoryRelay } from './relay.ts'

/** Shared state for services that live in one process: the embedded default. */
export function createMemorySharedState(): SharedState {
  return {
    events: createMemoryEventBus(),
    access: createMemoryEventBus(),
    instances: createMemoryEventBus(),
    permissions: createMemoryPermissionCache(),
    rates: createMemoryRateCounter(),
    relay: createMemoryRelay(),
    presence: createMemoryPresenceStore(),
    isConnected: () => true,
    async ping() {
      // Memory always answers.
    },
    async close() {
      // Nothing is held open.
    },
  }
}
