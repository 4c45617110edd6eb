/**
 * Tells all instances of both services that something changed. At most once and in no particular
 * order: whoever must not miss a change also looks in Postgres.
 */
export interface EventBus {
  /** Hands a message to every subscriber, also in this process. May reject when the store is away. */
  publish(message: string): Promise<void>
  /** Calls `listener` with every message from now on; the returned function ends that. */
  subscribe(listener: (message: string) => void): () => void
}
