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

/** What is said of a cluster: a client of one server is sent from one to the next there. */
const CLUSTER = [
  'REDIS_URL is a node of a Redis Cluster, which Mindfuse cannot use:',
  'set it to a server without cluster mode, or use Sentinel (REDIS_SENTINELS)',
].join(' ')

/** Which server holds shared state. */
export interface DragonflyOptions {
  /** `redis://…`, or `rediss://…` with TLS; with `sentinels` its host is the name of the master. */
  url: string
  /** Who knows which server is the master. They are reached with TLS where the server is. */
  sentinels?:
    | {
        addresses: { host: string; port: number }[]
        username?: string | undefined
        password?: string | undefined
      }
    | undefined
  /** Called with each connection error. */
  onError: (error: Error) => void
  /** Called each time that the server can be used, at first and after an outage. */
  onConnected?: () => void
}

/** Shared state on a server that may turn out to be one that cannot hold it. */
export interface DragonflySharedState extends SharedState {
  /** Resolves with a sentence that says why, if the server cannot be used, however long one waits. */
  unusable: Promise<string>
}

/**
 * Shared state in Dragonfly, or any server that speaks the Redis protocol. Connects in the
 * background and reconnects for ever; while the server is down every call rejects at once
 * instead of queueing. After a failover the Sentinels are asked anew.
 */
export function createDragonflySharedState(options: DragonflyOptions): DragonflySharedState {
  const connect = () => {
    const redis = new CorkedRedis(options.url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      connectTimeout: SILENCE_TIMEOUT_MS,
      enableOfflineQueue: false,
      // `createSubscriptions` does that, at the first connection as at every later one.
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      // What Dragonfly is tested with most; ioredis would send HELLO 3.
      protocol: 2,
      retryStrategy: pauseBefore,
      ...sentinelOptions(options),
    })
    redis.on('error', options.onError)
    return redis
  }
  const redis = connect()
  const subscriber = connect()
  const isConnected = () => redis.status === 'ready' && subscriber.status === 'ready'
  for (const connection of [redis, subscriber]) {
    connection.on('ready', () => {
      if (isConnected()) options.onConnected?.()
    })
  }
  const subscriptions = createSubscriptions(subscriber)
  const unusable = new Promise<string>((resolve) => {
    redis.on('ready', async () => {
      // Where INFO is not allowed, nothing is known.
      const info = await redis.info('cluster').catch(() => '')
      if (info.includes('cluster_enabled:1')) resolve(CLUSTER)
    })
  })

  return {
    events: createDragonflyEventBus(redis, subscriptions, 'mindfuse:events'),
    access: createDragonflyEventBus(redis, subscriptions, 'mindfuse:access'),
    instances: createDragonflyEventBus(redis, subscriptions, 'mindfuse:instances'),
    permissions: createDragonflyPermissionCache(redis),
    rates: createDragonflyRateCounter(redis),
    relay: createDragonflyRelay(redis, subscriptions),
    presence: createDragonflyPresenceStore(redis),
    isConnected,
    unusable,
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

/** How long to wait before an attempt to reconnect, milliseconds. */
function pauseBefore(attempt: number): number {
  return Math.min(attempt * 100, MAX_RECONNECT_DELAY_MS)
}

function sentinelOptions({ url, sentinels }: DragonflyOptions) {
  if (!sentinels) return {}
  const { hostname, protocol } = new URL(url)
  return {
    name: hostname,
    sentinels: sentinels.addresses,
    sentinelUsername: sentinels.username,
    sentinelPassword: sentinels.password,
    sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
    sentinelRetryStrategy: pauseBefore,
    ...(protocol === 'rediss:' && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  }
}
