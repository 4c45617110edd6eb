import type { EventBus } from './event-bus.ts'
import type { PermissionCache } from './permission-cache.ts'
import type { PresenceStore } from './presence-store.ts'
import type { RateCounter } from './rate-counter.ts'
import type { Relay } from './relay.ts'

/** What all instances of both services share. None of it has to last. */
export interface SharedState {
  events: EventBus
  /** What changed who may do what, and which gateways have applied it. */
  access: EventBus
  /** How instances are. */
  instances: EventBus
  permissions: PermissionCache
  rates: RateCounter
  relay: Relay
  presence: PresenceStore
  /** Whether the store was there the last time that it was heard of, a second ago or two. */
  isConnected(): boolean
  /** Resolves while the store answers, rejects otherwise. */
  ping(): Promise<void>
  close(): Promise<void>
}
