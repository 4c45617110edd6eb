import type { Redis } from 'ioredis'

type Listener = (message: Buffer) => void

/** How often the server is pinged, milliseconds. */
const PING_INTERVAL_MS = 1_000

/** The channels of a connection that only subscribes. */
export interface Subscriptions {
  /** Resolves once the channel is subscribed, or at once while disconnected. */
  subscribe(channel: string, listener: Listener): Promise<() => void>
  /** Calls `listener` after each reconnect. */
  onInterrupted(listener: () => void): void
  /** Stops the pings; the caller closes the connection. */
  close(): void
}

/**
 * Subscribes all channels again after a reconnect. ioredis would do so too, but without reporting when
 * it is done. A subscriber cannot distinguish a quiet server from one that is gone, so it is pinged
 * every second, and a connection without an answer is closed after its `socketTimeout`.
 */
export function createSubscriptions(redis: Redis): Subscriptions {
  const channels = new Map<string, Set<Listener>>()
  const interruptionListeners = new Set<() => void>()
  // Messages may also be lost before the first connection.
  let wasInterrupted = true

  const pingTimer = setInterval(() => {
    // A failed ping closes the connection, which reports it.
    if (redis.status === 'ready') redis.ping().catch(() => undefined)
  }, PING_INTERVAL_MS)

  redis.on('messageBuffer', (channel: Buffer, message: Buffer) => {
    for (const listener of channels.get(channel.toString()) ?? []) listener(message)
  })
  redis.on('close', () => {
    wasInterrupted = true
  })
  redis.on('ready', async () => {
    try {
      if (channels.size > 0) await redis.subscribe(...channels.keys())
    } catch {
      // Disconnected again, or too slow to be trusted: the next 'ready' starts over.
      if (redis.status === 'ready') redis.disconnect(true)
      return
    }
    if (!wasInterrupted) return
    wasInterrupted = false
    for (const listener of interruptionListeners) listener()
  })

  return {
    async subscribe(channel, listener) {
      const listeners = channels.get(channel) ?? new Set()
      const isNew = listeners.size === 0
      channels.set(channel, listeners.add(listener))
      if (isNew && redis.status === 'ready') {
        await redis.subscribe(channel).catch(() => {
          // Subscribed at the next 'ready', like every channel.
        })
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || channels.get(channel) !== listeners) return
        channels.delete(channel)
        void redis.unsubscribe(channel).catch(() => undefined)
      }
    },
    onInterrupted: (listener) => void interruptionListeners.add(listener),
    close: () => clearInterval(pingTimer),
  }
}
