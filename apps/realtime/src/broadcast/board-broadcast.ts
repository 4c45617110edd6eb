import {
  BROADCAST_COPIES_PER_SECOND,
  BROADCAST_COPY_BURST,
  type BroadcastRefusal,
  isNestedDeeper,
  MAX_VALUE_DEPTH,
  type PresenceUser,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import { TokenBucket } from '../connection/token-bucket.ts'
import type { BoardRelay } from '../relay/board-relay.ts'

/** A broadcast of a client. */
export interface SentBroadcast {
  event: string
  payload: unknown
  /** Whether its sender receives it too. */
  self?: boolean
  /** Whether its sender waits for what became of it. */
  ack?: boolean
}

/** A broadcast as it is delivered. */
export type DeliveredBroadcast = Pick<SentBroadcast, 'event' | 'payload'> & {
  user: PresenceUser
  connectionId: string
}

/** Tells the sender what became of a broadcast: why it was rejected, or that it was handed on. */
export type BroadcastAnswer = (refusal: BroadcastRefusal | undefined) => void

/** What the broadcasts of a board or channel need from it. */
export interface BoardBroadcastDeps {
  /** A board's id, or a channel's topic. */
  topic: string
  /** Its connections on this gateway. */
  members: ReadonlySet<Connection>
  relay: Pick<BoardRelay, 'broadcast'>
  log: Logger
  encode: (broadcast: DeliveredBroadcast) => Uint8Array
  /** What became of each broadcast of a client. */
  onOutcome: (outcome: 'handed_on' | BroadcastRefusal) => void
}

/**
 * Broadcasts of a board or channel: delivered to the clients that are connected, and never stored. A frame is
 * encoded once, for the clients here and for the other gateways, which deliver it unread.
 */
export class BoardBroadcast {
  readonly #deps: BoardBroadcastDeps
  readonly #copies = new TokenBucket(BROADCAST_COPIES_PER_SECOND, BROADCAST_COPY_BURST)

  constructor(deps: BoardBroadcastDeps) {
    this.#deps = deps
  }

  /** Delivers and relays a client's broadcast, or rejects it. */
  receive(from: Connection, broadcast: SentBroadcast, answer: BroadcastAnswer): void {
    const refusal = this.#check(from, broadcast)
    if (refusal) {
      this.refuse(refusal, answer)
      return
    }
    const { event, payload, self = false, ack = false } = broadcast
    const { user, id: connectionId } = from
    const frame = this.#deps.encode({ event, payload, user, connectionId })
    this.#deliver(frame, self ? undefined : from)
    void this.#relay(frame, ack ? answer : undefined)
  }

  /** Rejects a client's broadcast. */
  refuse(code: BroadcastRefusal, answer: BroadcastAnswer): void {
    this.#deps.onOutcome(code)
    answer(code)
  }

  /** Delivers a broadcast from another gateway, or from the API over HTTP. */
  receiveRelayed(frame: Uint8Array): void {
    if (this.#copies.take(this.#deps.members.size)) this.#deliver(frame)
  }

  /** Checks permission first: a client without it must not use up the board's rate. */
  #check(from: Connection, { payload }: SentBroadcast): BroadcastRefusal | undefined {
    if (!from.canBroadcast) return 'forbidden'
    if (isNestedDeeper(payload, MAX_VALUE_DEPTH)) return 'too_large'
    const isWithinRates = from.broadcasts.rate.take() && this.#copies.take(this.#deps.members.size)
    return isWithinRates ? undefined : 'rate_limited'
  }

  #deliver(frame: Uint8Array, except?: Connection): void {
    for (const member of this.#deps.members) {
      if (member !== except) member.sendBroadcast(frame)
    }
  }

  /** @param answer of a client that waits for it: any other is not notified of every failure */
  async #relay(frame: Uint8Array, answer: BroadcastAnswer | undefined): Promise<void> {
    const { relay, onOutcome, topic, log } = this.#deps
    try {
      await relay.broadcast(frame)
      onOutcome('handed_on')
      answer?.(undefined)
    } catch (error) {
      log.debug({ err: error, topic }, 'broadcast reached only this gateway')
      onOutcome('relay_unavailable')
      answer?.('relay_unavailable')
    }
  }
}
