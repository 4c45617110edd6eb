import type { ClientMessage, ServerMessage } from '@mindfuse/protocol'
import { broadcastRefusal, bytesOf, checkBroadcast } from '../connection/broadcast.ts'
import type { Emitter } from '../emitter.ts'
import { MindfuseError } from '../errors.ts'
import type { BoardEvents } from './events.ts'

/** Most broadcasts that wait for their acknowledgement. */
const MAX_PENDING = 1_000

/** How a broadcast is sent. */
export interface BroadcastOptions {
  /** Whether you receive it too, like everyone else. */
  self?: boolean
}

interface Pending {
  resolve: () => void
  reject: (error: MindfuseError) => void
}

/** Sends and receives the broadcasts of a board, and matches acknowledgements. */
export class Broadcasts {
  readonly #sendText: (text: string) => boolean
  readonly #events: Emitter<BoardEvents>
  readonly #pending = new Map<number, Pending>()
  /** How many this connection has sent. */
  #seq = 0
  #maxBytes = 0

  constructor(deps: { sendText: (text: string) => boolean; events: Emitter<BoardEvents> }) {
    this.#sendText = deps.sendText
    this.#events = deps.events
  }

  /** @returns whether it was sent */
  send(event: string, payload: unknown, options: BroadcastOptions): boolean {
    return this.#send({ event, payload, ...options }) !== undefined
  }

  /** Resolves at the acknowledgement. @throws MindfuseError if it is rejected or lost */
  async sendWithAck(event: string, payload: unknown, options: BroadcastOptions): Promise<void> {
    if (this.#pending.size >= MAX_PENDING) throw broadcastRefusal('rate_limited')
    const seq = this.#send({ event, payload, ...options, ack: true })
    if (seq === undefined) throw new MindfuseError('network_error', 'This board is offline')
    return new Promise((resolve, reject) => this.#pending.set(seq, { resolve, reject }))
  }

  /** The gateway announced its limits. */
  connected({ maxBroadcastBytes }: { maxBroadcastBytes: number }): void {
    this.#maxBytes = maxBroadcastBytes
  }

  /** No acknowledgement will arrive; the next connection counts from 1. */
  disconnected(): void {
    this.#seq = 0
    for (const { reject } of this.#pending.values()) {
      reject(new MindfuseError('network_error', 'Connection lost before the acknowledgement'))
    }
    this.#pending.clear()
  }

  /** @returns whether the message was about broadcasts */
  receive(message: ServerMessage): boolean {
    switch (message.type) {
      case 'broadcast': {
        const { type: _, ...broadcast } = message
        this.#events.emit('broadcast', broadcast)
        this.#events.emit(`broadcast:${broadcast.event}`, broadcast)
        return true
      }
      case 'broadcast:ack':
        this.#take(message.seq)?.resolve()
        return true
      case 'broadcast:rejected': {
        const error = broadcastRefusal(message.code)
        const pending = this.#take(message.seq)
        // Without a promise to reject, the board reports it.
        if (pending) pending.reject(error)
        else this.#events.emit('error', error)
        return true
      }
      default:
        return false
    }
  }

  /** @returns its number, or undefined while offline */
  #send(broadcast: Omit<Extract<ClientMessage, { type: 'broadcast' }>, 'type'>) {
    const text = JSON.stringify(checkBroadcast({ ...broadcast, type: 'broadcast' }))
    // Rejected here, it does not travel to the gateway first.
    if (this.#maxBytes > 0 && bytesOf(text) > this.#maxBytes) throw broadcastRefusal('too_large')
    return this.#sendText(text) ? ++this.#seq : undefined
  }

  #take(seq: number): Pending | undefined {
    const pending = this.#pending.get(seq)
    this.#pending.delete(seq)
    return pending
  }
}
