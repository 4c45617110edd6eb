/**
 * Notifies all instances of both services of changes, at most once and in no particular order: a
 * subscriber that must not miss a change also reads PostgreSQL.
 */
export interface EventBus {
  /** Sends a message to every subscriber, also in this process. May reject while the store is down. */
  publish(message: string): Promise<void>
  /** Calls `listener` with every message from now on. @returns a function that unsubscribes */
  subscribe(listener: (message: string) => void): () => void
}
