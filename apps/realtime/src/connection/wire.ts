/** What a connection needs of a WebSocket. */
export interface Wire {
  /** Whether frames of others come between, so that none may be sent in parts. */
  readonly isShared?: true
  /** @returns {@link ALL_WRITTEN} where the kernel took everything */
  send(frame: Uint8Array, isBinary: boolean): number
  cork(send: () => void): unknown
  getBufferedAmount(): number
  end(code: number, reason: string): unknown
  close(): unknown
}

/** What `send` returns where the kernel took everything. */
export const ALL_WRITTEN = 1
