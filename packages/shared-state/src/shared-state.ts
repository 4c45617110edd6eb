import type { EventBus } from './event-bus.ts'
import type { PermissionCache } from './permission-cache.ts'
import type { PresenceStore } from './presence-store.ts'
import type { RateCounter } from './rate-counter.ts'
import type { Relay } from './relay.ts'
import type { SessionRevocations } from './session-revocations.ts'

/** What all instances of both services share. None of it has to last. */
export interface SharedState {
  permissions: PermissionCache
  events: EventBus
  rates: RateCounter
  revocations: SessionRevocations
  relay: Relay
  presence: PresenceStore
  /** Resolves while the store answers, rejects otherwise. */
  ping(): Promise<void>
  close(): Promise<void>
}
