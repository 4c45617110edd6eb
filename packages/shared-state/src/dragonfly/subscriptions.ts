import type { Redis } from 'ioredis'

type Listener = (message: Buffer) => void

/** How often the line is made to show that somebody is there, milliseconds. */
const PING_INTERVAL_MS = 1_000

/** Channels heard over one connection, which does nothing else. */
export interface Subscriptions {
  /** Resolves once the channel is heard, or at once while the line is down. */
  subscribe(channel: string, listener: Listener): Promise<() => void>
  /** Calls `listener` each time the line is back after an interruption. */
  onInterrupted(listener: () => void): void
  /** Listens no more; the connection is the caller's. */
  close(): void
}

/**
 * Keeps the wanted channels subscribed through every interruption. ioredis would do it too, but
 * without saying when it is done. A line that went silent is one, too: whoever only listens cannot
 * tell a quiet server from one that is gone, so it is asked every second, and a line that answers
 * nothing is given up after the connection's `socketTimeout`.
 */
export function createSubscriptions(redis: Redis): Subscriptions {
  const channels = new Map<string, Set<Listener>>()
  const interruptionListeners = new Set<() => void>()
  // Before the first connection, too, channels are wanted that nobody hears yet.
  let wasInterrupted = true

  const pingTimer = setInterval(() => {
    // That it failed is told by the connection, which ends of it.
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
      // The line broke again, or is too slow to be trusted: the next 'ready' begins anew.
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
