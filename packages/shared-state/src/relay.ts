/**
 * Carries messages of a board between gateways, at most once: a message may be lost, so senders number
 * them and receivers detect gaps. Messages of one sender keep their order.
 */
export interface Relay {
  /** Sends to every gateway that is subscribed to the board, the sender included. */
  publish(boardId: string, message: Uint8Array): Promise<void>
  /**
   * Subscribes to a board's messages; resolves with a function that unsubscribes. While disconnected
   * it resolves too, and `onInterrupted` reports the reconnect as usual.
   */
  subscribe(boardId: string, listener: (message: Uint8Array) => void): Promise<() => void>
  /** Calls `listener` after each reconnect: any message may have been lost. */
  onInterrupted(listener: () => void): void
}
