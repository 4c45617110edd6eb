import type { WebSocket } from 'uWebSockets.js'
import { randomUUID } from 'node:crypto'
import { type BoardRole, CLOSE_CODES, type CloseCode } from '@mindfuse/protocol'
import type { Admitted } from '../admission/admission.ts'

/** `WebSocket.send` says so when the frame would pass the backpressure limit and was not sent. */
const SEND_DROPPED = 2

/**
 * One admitted socket. uWebSockets.js throws when a socket is used after its end, and `close`
 * calls the close handler before it returns; both stay in here.
 */
export class Connection {
  readonly id = randomUUID()
  readonly boardId: string
  readonly userId: string
  readonly sessionId: string
  readonly role: BoardRole
  readonly #socket: WebSocket<unknown>
  #isClosed = false

  constructor(socket: WebSocket<unknown>, admitted: Admitted) {
    this.#socket = socket
    this.boardId = admitted.boardId
    this.userId = admitted.userId
    this.sessionId = admitted.sessionId
    this.role = admitted.role
  }

  /**
   * Sends a binary frame. A reader too slow for it is closed: a hole in what it gets would leave
   * it silently behind, and after its return it catches up by state vector.
   */
  send(frame: Uint8Array): void {
    if (this.#isClosed) return
    if (this.#socket.send(frame, true) === SEND_DROPPED) {
      this.close(CLOSE_CODES.TOO_SLOW, 'reads too slowly')
    }
  }

  /** Closes with a code of the protocol; what was sent before still arrives. */
  close(code: CloseCode, reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.end(code, reason)
  }

  /** The socket has ended: it must not be touched again. */
  markClosed(): void {
    this.#isClosed = true
  }
}
