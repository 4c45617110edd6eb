import type { SharedState } from '../shared-state.ts'
import { CorkedRedis } from './corked-redis.ts'
import { createDragonflyEventBus } from './event-bus.ts'
import { createDragonflyPermissionCache } from './permission-cache.ts'
import { createDragonflyPresenceStore } from './presence-store.ts'
import { createDragonflyRateCounter } from './rate-counter.ts'
import { createDragonflyRelay } from './relay.ts'
import { createSubscriptions } from './subscriptions.ts'

/** How long a command may take before it rejects, milliseconds. */
const COMMAND_TIMEOUT_MS = 1_000

/**
 * How long a connection may leave a command unanswered before it is closed, milliseconds. The peer may
 * be gone without closing it, and TCP would wait for minutes.
 */
const SILENCE_TIMEOUT_MS = 2_000

/** Longest pause between attempts to reconnect, milliseconds. */
const MAX_RECONNECT_DELAY_MS = 2_000

/**
 * Shared state in Dragonfly, or any server that speaks the Redis protocol. Connects in the
 * background and reconnects for ever; while the server is down every call rejects at once
 * instead of queueing.
 *
 * @param options.url `redis://…`
 * @param options.onError called with each connection error
 */
export function createDragonflySharedState(options: {
  url: string
  onError: (error: Error) => void
}): SharedState {
  const connect = () => {
    const redis = new CorkedRedis(options.url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      enableOfflineQueue: false,
      // `createSubscriptions` does that, at the first connection as at every later one.
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      // What Dragonfly is tested with most; ioredis would send HELLO 3.
      protocol: 2,
      retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS),
    })
    redis.on('error', options.onError)
    return redis
  }
  const redis = connect()
  const subscriber = connect()
  const subscriptions = createSubscriptions(subscriber)

  return {
    events: createDragonflyEventBus(redis, subscriptions, 'mindfuse:events'),
    access: createDragonflyEventBus(redis, subscriptions, 'mindfuse:access'),
    permissions: createDragonflyPermissionCache(redis),
    rates: createDragonflyRateCounter(redis),
    relay: createDragonflyRelay(redis, subscriptions),
    presence: createDragonflyPresenceStore(redis),
    async ping() {
      await redis.ping()
    },
    async close() {
      subscriptions.close()
      redis.disconnect()
      subscriber.disconnect()
    },
  }
}
