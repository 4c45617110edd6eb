import {
  type AwarenessEntry,
  CLOSE_CODES,
  decodeAwarenessUpdate,
  encodeAwarenessFrames,
  encodeAwarenessUpdate,
  MAX_AWARENESS_BYTES,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import type { BoardDelivery, PresenceFrames, PresenceSource } from '../delivery/board-delivery.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import {
  type AwarenessOrigin,
  decodeRelayedAwareness,
  encodeRelayedAwareness,
  RELAY_KINDS,
} from '../relay/envelope.ts'
import { AwarenessStates } from './awareness.ts'

/** What the awareness of a board needs from its room. */
export interface BoardAwarenessDeps {
  boardId: string
  /** The board's connections on this gateway. */
  members: ReadonlySet<Connection>
  delivery: BoardDelivery
  relay: BoardRelay
  log: Logger
}

/** A client's newest state that was not sent yet, and its connection if that is on this gateway. */
interface Change {
  entry: AwarenessEntry
  origin: AwarenessOrigin | undefined
}

/**
 * The stock provider's awareness on one board. Changes are collected for a window, only the newest
 * state of each client, and encoded once for all members.
 */
export class BoardAwareness implements PresenceSource {
  readonly #deps: BoardAwarenessDeps
  readonly #states = new AwarenessStates()
  /** By clientID, the oldest first. */
  #changes = new Map<number, Change>()

  constructor(deps: BoardAwarenessDeps) {
    this.#deps = deps
    deps.delivery.addSource(this)
  }

  /** Sends a connection the states of all clients. */
  sendStates(connection: Connection): void {
    for (const frame of encodeAwarenessFrames(this.#states.entries)) {
      connection.sendPresence(frame, true)
    }
  }

  /** Receives a connection's awareness update. @throws MalformedFrameError */
  receive(from: Connection, update: Uint8Array): void {
    if (update.length > MAX_AWARENESS_BYTES) {
      from.close(CLOSE_CODES.TOO_LARGE, `awareness has at most ${MAX_AWARENESS_BYTES} bytes`)
      return
    }
    if (from.isClosed) return
    const accepted = this.#states.receive(from, decodeAwarenessUpdate(update))
    // Its newest state is not kept for a later window, so a sender beyond its rate is closed.
    if (!(accepted.length > 0 ? from.rates.awareness.take() : from.rates.echoes.take())) {
      from.close(CLOSE_CODES.RATE_LIMITED, 'too many awareness frames')
      return
    }
    this.#change(accepted, from)
  }

  /** Receives what another gateway relayed of its connections. */
  receiveRelayed(gatewayId: string, payload: Uint8Array): void {
    try {
      for (const { origin, update } of decodeRelayedAwareness(payload)) {
        const entries = decodeAwarenessUpdate(update)
        this.#change(this.#states.receive({ ...origin, gatewayId }, entries))
      }
    } catch (error) {
      const { boardId, log } = this.#deps
      log.warn({ err: error, boardId }, 'relayed awareness cannot be read')
    }
  }

  /** A connection of this gateway ended. */
  leave(connection: Connection): void {
    this.#change(this.#states.removeOwner(connection.id), connection)
  }

  /** Another gateway is gone, or has only these connections left. */
  removeGateway(gatewayId: string, present?: ReadonlySet<string>): void {
    this.#change(this.#states.removeGateway(gatewayId, present))
  }

  /** Sends the other gateways the states of all connections of this one. */
  announce(): void {
    const entries = new Map<AwarenessOrigin, AwarenessEntry[]>()
    for (const member of this.#deps.members) {
      const own = this.#states.of(member.id)
      if (own.length > 0) entries.set(member, own)
    }
    this.#relay(entries)
  }

  get hasPending(): boolean {
    return this.#changes.size > 0
  }

  /** The sender gets its own state back: to the stock provider, an echo is a sign of life. */
  take(maxBytes: number): PresenceFrames {
    const entries: AwarenessEntry[] = []
    const own = new Map<AwarenessOrigin, AwarenessEntry[]>()
    let bytes = 0
    const { relay } = this.#deps
    const changes = this.#changes
    // A new map, for the reason that `Batcher` gives: an old one keeps what was ever in it alive.
    this.#changes = new Map()
    for (const [clientId, change] of changes) {
      const { entry, origin } = change
      bytes += entry.bytes.length
      if (bytes > maxBytes && entries.length > 0) {
        this.#changes.set(clientId, change)
        continue
      }
      entries.push(entry)
      if (!origin || relay.isAlone) continue
      const ofOrigin = own.get(origin)
      if (ofOrigin) ofOrigin.push(entry)
      else own.set(origin, [entry])
    }
    this.#relay(own)
    return { frames: encodeAwarenessFrames(entries), isBinary: true }
  }

  #change(entries: readonly AwarenessEntry[], origin?: AwarenessOrigin): void {
    if (entries.length === 0) return
    for (const entry of entries) this.#changes.set(entry.clientId, { entry, origin })
    this.#deps.delivery.schedulePresence()
  }

  #relay(own: ReadonlyMap<AwarenessOrigin, AwarenessEntry[]>): void {
    if (own.size === 0) return
    this.#deps.relay.sendUnlessAlone(RELAY_KINDS.AWARENESS, () =>
      encodeRelayedAwareness(
        Array.from(own, ([origin, entries]) => ({
          origin,
          update: encodeAwarenessUpdate(entries),
        })),
      ),
    )
  }
}
