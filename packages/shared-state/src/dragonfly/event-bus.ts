import type { Redis } from 'ioredis'
import type { EventBus } from '../event-bus.ts'
import type { Subscriptions } from './subscriptions.ts'

/** A bus that all instances share, over one channel of pub/sub. */
export function createDragonflyEventBus(
  redis: Redis,
  subscriptions: Subscriptions,
  channel: string,
): EventBus {
  const listeners = new Set<(message: string) => void>()
  // Also a sentinel: the connection always has one channel, whatever boards come and go.
  void subscriptions.subscribe(channel, (message) => {
    const text = message.toString()
    for (const listener of listeners) listener(text)
  })
  return {
    async publish(message) {
      await redis.publish(channel, message)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
