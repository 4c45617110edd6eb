import {
  type AwarenessEntry,
  CLOSE_CODES,
  decodeAwarenessUpdate,
  encodeAwareness,
  encodeAwarenessUpdate,
  encodeAwarenessUpdates,
  MAX_AWARENESS_BYTES,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import { AwarenessStates } from '../presence/awareness.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import {
  type AwarenessOrigin,
  decodeRelayedAwareness,
  encodeRelayedAwareness,
  RELAY_KINDS,
} from '../relay/envelope.ts'

/** What the awareness of a board needs from its room. */
export interface BoardAwarenessDeps {
  boardId: string
  /** The board's connections on this gateway. */
  members: ReadonlySet<Connection>
  relay: BoardRelay
  log: Logger
}

/** The stock provider's awareness on one board: whose it is, and who is told. */
export class BoardAwareness {
  readonly #deps: BoardAwarenessDeps
  readonly #states = new AwarenessStates()

  constructor(deps: BoardAwarenessDeps) {
    this.#deps = deps
  }

  /** Tells a connection the states of everybody present. */
  show(connection: Connection): void {
    for (const update of encodeAwarenessUpdates(this.#states.entries)) {
      connection.sendPresence(encodeAwareness(update), true)
    }
  }

  /** Takes in what a connection says. @throws MalformedFrameError */
  receive(from: Connection, update: Uint8Array): void {
    if (update.length > MAX_AWARENESS_BYTES) {
      from.close(CLOSE_CODES.TOO_LARGE, `awareness has at most ${MAX_AWARENESS_BYTES} bytes`)
      return
    }
    if (from.isClosed) return
    const accepted = this.#states.receive(from, decodeAwarenessUpdate(update))
    // The newest is not kept back for the next window, so past its rate a sender is told to wait.
    if (!(accepted.length > 0 ? from.awareness : from.echoes).take()) {
      from.close(CLOSE_CODES.RATE_LIMITED, 'too many awareness frames')
      return
    }
    // Back to the sender too: the stock provider takes its own echo as a sign of life.
    this.#broadcast(accepted)
    this.#send(from, accepted)
  }

  /** Takes in what another gateway relayed of one of its connections. */
  hear(gatewayId: string, payload: Uint8Array): void {
    try {
      const { update, ...owner } = decodeRelayedAwareness(payload)
      const entries = decodeAwarenessUpdate(update)
      this.#broadcast(this.#states.receive({ ...owner, gatewayId }, entries))
    } catch (error) {
      const { boardId, log } = this.#deps
      log.warn({ err: error, boardId }, 'relayed awareness cannot be read')
    }
  }

  /** A connection of this gateway ended. */
  leave(connection: Connection): void {
    const gone = this.#states.removeOwner(connection.id)
    this.#broadcast(gone)
    this.#send(connection, gone)
  }

  /** Another gateway went, or has only these of its connections left. */
  removeGateway(gatewayId: string, present?: ReadonlySet<string>): void {
    this.#broadcast(this.#states.removeGateway(gatewayId, present))
  }

  /** Tells the other gateways everything about this one's connections. */
  announce(): void {
    for (const member of this.#deps.members) this.#send(member, this.#states.of(member.id))
  }

  #broadcast(entries: AwarenessEntry[]): void {
    for (const update of encodeAwarenessUpdates(entries)) {
      const frame = encodeAwareness(update)
      for (const member of this.#deps.members) member.sendPresence(frame, true)
    }
  }

  #send(origin: AwarenessOrigin, entries: AwarenessEntry[]): void {
    if (entries.length === 0) return
    const update = encodeAwarenessUpdate(entries)
    this.#deps.relay.send(RELAY_KINDS.AWARENESS, encodeRelayedAwareness(origin, update))
  }
}
