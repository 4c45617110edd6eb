import type { Redis } from 'ioredis'
import type { Relay } from '../relay.ts'
import type { Subscriptions } from './subscriptions.ts'

/** The relay over pub/sub: one channel a board. */
export function createDragonflyRelay(redis: Redis, subscriptions: Subscriptions): Relay {
  const channelOf = (boardId: string) => `board:${boardId}`
  return {
    async publish(boardId, message) {
      await redis.publish(channelOf(boardId), Buffer.from(message))
    },
    subscribe: (boardId, listener) => subscriptions.subscribe(channelOf(boardId), listener),
    onInterrupted: (listener) => subscriptions.onInterrupted(listener),
  }
}
