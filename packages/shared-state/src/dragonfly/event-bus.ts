import type { Redis } from 'ioredis'
import type { EventBus } from '../event-bus.ts'

const CHANNEL = 'mindfuse:events'

/**
 * The event bus that all instances share.
 * @param subscriber a connection that does nothing else; it subscribes anew after each reconnect
 */
export function createDragonflyEventBus(redis: Redis, subscriber: Redis): EventBus {
  const listeners = new Set<(message: string) => void>()
  subscriber.on('message', (channel, message) => {
    if (channel === CHANNEL) for (const listener of listeners) listener(message)
  })
  // The connection may not be there yet; ioredis subscribes again whenever it is.
  subscriber.on('ready', () => void subscriber.subscribe(CHANNEL).catch(() => undefined))
  return {
    async publish(message) {
      await redis.publish(CHANNEL, message)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
