/**
 * Carries messages of a board between gateways. At most once: a message may be lost, so whoever
 * must not miss one numbers them and looks for holes. Messages of one sender keep their order.
 */
export interface Relay {
  /** Sends to every gateway that is subscribed to the board, the sender included. */
  publish(boardId: string, message: Uint8Array): Promise<void>
  /**
   * Begins to hear a board's messages; the function it resolves with ends that. While the line is
   * down it resolves all the same, and the end of the interruption is told as usual.
   */
  subscribe(boardId: string, listener: (message: Uint8Array) => void): Promise<() => void>
  /** Calls `listener` each time the line was down, so that anything may have been missed. */
  onInterrupted(listener: () => void): void
}
