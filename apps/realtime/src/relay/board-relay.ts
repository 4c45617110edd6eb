import { decodeRelayedBroadcast, encodeRelayedBroadcast } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { Relay } from '@mindfuse/shared-state'
import { steadyTime } from '../steady-time.ts'
import {
  decodeRelayMessage,
  encodeRelayMessage,
  type RelayKind,
  type RelayMessage,
} from './envelope.ts'

/** More than any gateway sends on a board; numbers stay below 2^53 for 4,000 years. */
const MAX_MESSAGES_PER_MS = 64

/** Handles the messages of other gateways. */
export interface BoardRelayHandlers {
  /** @param isFirst whether it is the first message from its gateway */
  onMessage(message: RelayMessage, isFirst: boolean): void
  /** A broadcast from elsewhere: a text frame, as clients receive it. */
  onBroadcast(frame: Uint8Array): void
  /** Messages of this gateway were lost. */
  onGap(gatewayId: string): void
}

/**
 * The way of a board, or of a channel, to the other gateways. Own messages are numbered, and a gap in another gateway's
 * numbers is reported, so that lost edits can be fetched from storage.
 */
export class BoardRelay {
  readonly #topic: string
  readonly #gatewayId: string
  readonly #relay: Relay
  readonly #log: Logger
  readonly #handlers: BoardRelayHandlers
  readonly #sequences = new Map<string, number>()
  /**
   * Starts at the present time, so that a board which this gateway reopens continues above the numbers
   * that others remember: no new message may be taken for an old one.
   */
  #sequence = Math.floor(steadyTime()) * MAX_MESSAGES_PER_MS
  #unsubscribe: (() => void) | undefined
  #isClosed = false

  /** @param deps.topic a board's id, or that of a channel */
  constructor(
    deps: { topic: string; gatewayId: string; relay: Relay; log: Logger },
    handlers: BoardRelayHandlers,
  ) {
    this.#topic = deps.topic
    this.#gatewayId = deps.gatewayId
    this.#relay = deps.relay
    this.#log = deps.log
    this.#handlers = handlers
  }

  /** Resolves once no later message of others can be lost unnoticed. */
  async open(): Promise<void> {
    const unsubscribe = await this.#relay.subscribe(this.#topic, (bytes) => this.#receive(bytes))
    if (this.#isClosed) unsubscribe()
    else this.#unsubscribe = unsubscribe
  }

  /**
   * Sends a message to the other gateways. It is lost while Dragonfly is down; they notice the gap.
   * @returns its number
   */
  send(kind: RelayKind, payload: Uint8Array): number {
    const message = { gatewayId: this.#gatewayId, sequence: ++this.#sequence, kind, payload }
    this.#relay.publish(this.#topic, encodeRelayMessage(message)).catch((error) => {
      this.#log.debug({ err: error, topic: this.#topic }, 'relay message lost')
    })
    return message.sequence
  }

  /** Sends a broadcast to the other gateways. Rejects while Dragonfly is down. */
  broadcast(frame: Uint8Array): Promise<void> {
    const message = encodeRelayedBroadcast({ origin: this.#gatewayId, frame })
    return this.#relay.publish(this.#topic, message)
  }

  /**
   * Sends a message, unless no other gateway is known to have the board open. One that opens it sends
   * a query, and is known from then on; an edit that it just missed is found by anti-entropy.
   *
   * @param payload called only if the message is sent
   * @returns the number of the last message
   */
  sendUnlessAlone(kind: RelayKind, payload: () => Uint8Array): number {
    return this.isAlone ? this.#sequence : this.send(kind, payload())
  }

  /** The number of the last message. */
  get sequence(): number {
    return this.#sequence
  }

  /** Leaves out a number: with the next message others notice a gap, and fetch what is stored. */
  skip(): void {
    this.#sequence++
  }

  /** Whether no other gateway is known to have the board open. */
  get isAlone(): boolean {
    return this.#sequences.size === 0
  }

  /** The gateways that have the board open. */
  get gateways(): Iterable<string> {
    return this.#sequences.keys()
  }

  /** Forgets a gateway that is gone; if it returns, it counts as new. */
  forget(gatewayId: string): void {
    this.#sequences.delete(gatewayId)
  }

  /** Receives nothing from now on. What the board still has to send, others still get. */
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
      // Of another release, perhaps. Its edits are found again by comparing with what is stored.
      this.#log.warn({ err: error, gatewayId, kind: message.kind }, 'relay message cannot be read')
    }
    // The first message received may be the gateway's hundredth: earlier edits were loaded.
    if (last !== undefined && sequence !== last + 1) this.#handlers.onGap(gatewayId)
  }
}
