import type { EventBus } from '../event-bus.ts'

/** The event bus of a single process. Listeners receive a message after `publish` has returned. */
export function createMemoryEventBus(): EventBus {
  const listeners = new Set<(message: string) => void>()
  return {
    async publish(message) {
      for (const listener of listeners) queueMicrotask(() => listener(message))
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
