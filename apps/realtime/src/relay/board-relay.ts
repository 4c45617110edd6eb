import { decodeRelayedBroadcast, encodeRelayedBroadcast } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { Relay } from '@mindfuse/shared-state'
import {
  decodeRelayMessage,
  encodeRelayMessage,
  type RelayKind,
  type RelayMessage,
} from './envelope.ts'

/** More than any gateway says on a board; numbers stay below 2^53 for 4,000 years. */
const MAX_MESSAGES_PER_MS = 64

/** What a board does with what other gateways say. */
export interface BoardRelayHandlers {
  /** @param isNewcomer whether its gateway is heard for the first time */
  onMessage(message: RelayMessage, isNewcomer: boolean): void
  /** Somebody elsewhere said something to the board: a text frame, as each client gets it. */
  onBroadcast(frame: Uint8Array): void
  /** Messages of this gateway were missed. */
  onGap(gatewayId: string): void
}

/**
 * A board's line to the other gateways. Own messages are numbered, and a hole in another's numbers
 * is told, so that what was lost can be fetched from where it is stored.
 */
export class BoardRelay {
  readonly #boardId: string
  readonly #gatewayId: string
  readonly #relay: Relay
  readonly #log: Logger
  readonly #handlers: BoardRelayHandlers
  readonly #sequences = new Map<string, number>()
  /**
   * Grows with the time, so that a board which this gateway closes and opens again goes on above the
   * numbers that others remember: nobody may take what a new message says for an old one's.
   */
  #sequence = Date.now() * MAX_MESSAGES_PER_MS
  #unsubscribe: (() => void) | undefined
  #isClosed = false

  constructor(
    deps: { boardId: string; gatewayId: string; relay: Relay; log: Logger },
    handlers: BoardRelayHandlers,
  ) {
    this.#boardId = deps.boardId
    this.#gatewayId = deps.gatewayId
    this.#relay = deps.relay
    this.#log = deps.log
    this.#handlers = handlers
  }

  /** Resolves once nothing that others send later can be missed unnoticed. */
  async open(): Promise<void> {
    const unsubscribe = await this.#relay.subscribe(this.#boardId, (bytes) => this.#receive(bytes))
    if (this.#isClosed) unsubscribe()
    else this.#unsubscribe = unsubscribe
  }

  /**
   * Sends to the other gateways. Lost where the line is down; they will notice the hole.
   * @returns the message's number
   */
  send(kind: RelayKind, payload: Uint8Array): number {
    const message = { gatewayId: this.#gatewayId, sequence: ++this.#sequence, kind, payload }
    this.#relay.publish(this.#boardId, encodeRelayMessage(message)).catch((error) => {
      this.#log.debug({ err: error, boardId: this.#boardId }, 'relay message lost')
    })
    return message.sequence
  }

  /** Sends a broadcast to the other gateways. Rejects where the line is down. */
  broadcast(frame: Uint8Array): Promise<void> {
    const message = encodeRelayedBroadcast({ origin: this.#gatewayId, frame })
    return this.#relay.publish(this.#boardId, message)
  }

  /**
   * The same, unless no other gateway is known to have the board open. One that opens it asks who is
   * there, so it is known from then on; what it missed by a hair is found by comparison.
   *
   * @param payload made only where it is sent
   * @returns the number of the last message
   */
  tell(kind: RelayKind, payload: () => Uint8Array): number {
    return this.isAlone ? this.#sequence : this.send(kind, payload())
  }

  /** Whether no other gateway is known to have the board open. */
  get isAlone(): boolean {
    return this.#sequences.size === 0
  }

  /** The gateways heard of. */
  get gateways(): Iterable<string> {
    return this.#sequences.keys()
  }

  /** Forgets a gateway that is gone; if it comes back, it is a new one. */
  forget(gatewayId: string): void {
    this.#sequences.delete(gatewayId)
  }

  close(): void {
    this.#isClosed = true
    this.#unsubscribe?.()
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosed) return
    const broadcast = decodeRelayedBroadcast(bytes)
    if (broadcast) {
      if (broadcast.origin !== this.#gatewayId) this.#handlers.onBroadcast(broadcast.frame)
      return
    }
    const message = decodeRelayMessage(bytes)
    if (!message || message.gatewayId === this.#gatewayId) return
    const { gatewayId, sequence } = message
    const last = this.#sequences.get(gatewayId)
    this.#sequences.set(gatewayId, sequence)
    try {
      this.#handlers.onMessage(message, last === undefined)
    } catch (error) {
      // Another release's, perhaps. What it meant is found again by comparing with what is stored.
      this.#log.warn({ err: error, gatewayId, kind: message.kind }, 'relay message cannot be read')
    }
    // The first message heard of a gateway may be its hundredth: what came before was loaded.
    if (last !== undefined && sequence !== last + 1) this.#handlers.onGap(gatewayId)
  }
}
