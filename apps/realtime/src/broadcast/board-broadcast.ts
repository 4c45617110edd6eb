import {
  BROADCAST_COPIES_PER_SECOND,
  BROADCAST_COPY_BURST,
  type BroadcastRefusal,
  type ClientMessage,
  isNestedDeeper,
  MAX_VALUE_DEPTH,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import { encodeMessage } from '../connection/encode-message.ts'
import { TokenBucket } from '../connection/token-bucket.ts'
import type { BoardRelay } from '../relay/board-relay.ts'

type BroadcastMessage = Extract<ClientMessage, { type: 'broadcast' }>

/** What the broadcasts of a board need from its room. */
export interface BoardBroadcastDeps {
  boardId: string
  /** The board's connections on this gateway. */
  members: ReadonlySet<Connection>
  relay: Pick<BoardRelay, 'broadcast'>
  log: Logger
  /** What became of each broadcast of a client. */
  onOutcome: (outcome: 'handed_on' | BroadcastRefusal) => void
}

/**
 * Broadcasts of a board: delivered to the clients that are connected, and never stored. A frame is
 * encoded once, for the clients here and for the other gateways, which deliver it unread.
 */
export class BoardBroadcast {
  readonly #deps: BoardBroadcastDeps
  readonly #copies = new TokenBucket(BROADCAST_COPIES_PER_SECOND, BROADCAST_COPY_BURST)

  constructor(deps: BoardBroadcastDeps) {
    this.#deps = deps
  }

  /** Delivers and relays a client's broadcast, or rejects it. */
  receive(from: Connection, message: BroadcastMessage): void {
    const refusal = this.#check(from, message)
    if (refusal) {
      this.refuse(from, refusal)
      return
    }
    const { event, payload, self = false, ack = false } = message
    const { user, id: connectionId } = from
    const frame = encodeMessage({ type: 'broadcast', event, payload, user, connectionId })
    this.#deliver(frame, self ? undefined : from)
    void this.#relay(from, frame, { seq: from.broadcasts.count(), ack })
  }

  /** Rejects a client's broadcast. */
  refuse(from: Connection, code: BroadcastRefusal): void {
    this.#deps.onOutcome(code)
    from.sendMessage({ type: 'broadcast:rejected', seq: from.broadcasts.count(), code })
  }

  /** Delivers a broadcast from another gateway, or from the API over HTTP. */
  receiveRelayed(frame: Uint8Array): void {
    if (this.#copies.take(this.#deps.members.size)) this.#deliver(frame)
  }

  /** Checks permission first: a client without it must not use up the board's rate. */
  #check(from: Connection, { payload }: BroadcastMessage): BroadcastRefusal | undefined {
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

  async #relay(
    from: Connection,
    frame: Uint8Array,
    { seq, ack }: { seq: number; ack: boolean },
  ): Promise<void> {
    const { relay, onOutcome, boardId, log } = this.#deps
    try {
      await relay.broadcast(frame)
      onOutcome('handed_on')
      if (ack) from.sendMessage({ type: 'broadcast:ack', seq })
    } catch (error) {
      log.debug({ err: error, boardId }, 'broadcast reached only this gateway')
      onOutcome('relay_unavailable')
      // A client that asked for no acknowledgement is not notified of every failure.
      if (ack) from.sendMessage({ type: 'broadcast:rejected', seq, code: 'relay_unavailable' })
    }
  }
}
