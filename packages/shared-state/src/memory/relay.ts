import type { Relay } from '../relay.ts'

/**
 * The relay of a single process, between the gateways that share it. A message is copied, and received
 * after `publish` has returned, as it would be over a network.
 */
export function createMemoryRelay(): Relay {
  const listeners = new Map<string, Set<(message: Uint8Array) => void>>()
  return {
    async publish(boardId, message) {
      const copy = message.slice()
      for (const listener of listeners.get(boardId) ?? []) queueMicrotask(() => listener(copy))
    },
    async subscribe(boardId, listener) {
      const board = listeners.get(boardId) ?? new Set()
      listeners.set(boardId, board.add(listener))
      return () => {
        board.delete(listener)
        if (board.size === 0) listeners.delete(boardId)
      }
    },
    onInterrupted() {
      // Memory is never interrupted.
    },
  }
}
