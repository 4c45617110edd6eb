import { CLOSE_CODES } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import { encodeMessage } from '../connection/encode-message.ts'
import { ALL_WRITTEN, type Wire } from '../connection/wire.ts'

/**
 * What a channel has in place of a WebSocket: the one that it shares with other channels, whose own connection
 * counts what the reader is behind. It ends by a message.
 */
export class ChannelWire implements Wire {
  readonly isShared = true
  readonly #topic: string
  readonly #socket: Wire
  readonly #host: Connection
  readonly #onEnd: () => void

  constructor(deps: {
    topic: string
    socket: Wire
    /** The connection whose socket it is. */
    host: Connection
    onEnd: () => void
  }) {
    this.#topic = deps.topic
    this.#socket = deps.socket
    this.#host = deps.host
    this.#onEnd = deps.onEnd
  }

  send(frame: Uint8Array, isBinary: boolean): number {
    if (this.#host.isClosed) return ALL_WRITTEN
    const status = this.#socket.send(frame, isBinary)
    if (status !== ALL_WRITTEN) this.#host.wroteBeside()
    return status
  }

  cork(send: () => void): void {
    if (this.#host.isClosed) return
    this.#socket.cork(send)
    this.#host.wroteBeside()
  }

  getBufferedAmount(): number {
    return this.#host.isClosed ? 0 : this.#socket.getBufferedAmount()
  }

  /** The channel ends, and where its reader is too slow for it, the socket. */
  end(code: number, reason: string): void {
    if (code === CLOSE_CODES.TOO_SLOW) {
      this.#host.close(code, reason)
      return
    }
    if (!this.#host.isClosed) {
      const message = { type: 'channel:closed', topic: this.#topic, code, reason } as const
      this.#socket.send(encodeMessage(message), false)
    }
    this.#onEnd()
  }

  close(): void {
    if (!this.#host.isClosed) this.#socket.close()
  }
}
