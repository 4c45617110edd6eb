import {
  type AwarenessEntry,
  batchAwareness,
  checkAwarenessEntry,
  encodeAwareness,
  encodeAwarenessFrames,
  encodeAwarenessUpdate,
  MAX_AWARENESS_BYTES,
  readAwarenessUpdate,
  SMALL_AWARENESS_BYTES,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import type { BoardDelivery, PresenceFrames, PresenceSource } from '../delivery/board-delivery.ts'
import type { Metrics } from '../metrics.ts'
import { Allowance } from '../person/allowance.ts'
import type { People } from '../person/people.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import {
  type AwarenessOrigin,
  decodeRelayedAwareness,
  encodeRelayedAwareness,
  RELAY_KINDS,
} from '../relay/envelope.ts'
import { steadyTime } from '../steady-time.ts'
import { AwarenessStates } from './awareness.ts'
import { AwarenessConflation } from './awareness-conflation.ts'
import { AwarenessRenewal } from './awareness-renewal.ts'
import { LargeStates } from './large-states.ts'

/**
 * Copies of large states that the members of a board are sent, bytes a second and at once: a quarter of what
 * small states may take. They have a rate of their own, so that a selection of everything holds back no
 * cursor.
 */
const LARGE_COPIES = { perSecond: 24 * 1024 * 1024, burst: 4 * 1024 * 1024 }

/** What the awareness of a board needs from its room. */
export interface BoardAwarenessDeps {
  boardId: string
  /** The board's connections on this gateway. */
  members: ReadonlySet<Connection>
  delivery: BoardDelivery
  relay: BoardRelay
  people: People
  metrics: Pick<Metrics, 'awareness'>
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
  readonly #states: AwarenessStates
  /** By clientID, the oldest first. */
  #changes = new Map<number, Change>()
  readonly #conflation: AwarenessConflation
  readonly #renewal: AwarenessRenewal
  /** Connections that were not sent all states, because they were behind: up to which change they were. */
  readonly #sentUpTo = new Map<Connection, number>()
  readonly #largeCopies = new Allowance(LARGE_COPIES)

  constructor(deps: BoardAwarenessDeps) {
    this.#deps = deps
    const { people, metrics, delivery, members, relay } = deps
    this.#states = new AwarenessStates(steadyTime, new LargeStates(people, metrics.awareness))
    // Only what each part needs: there are many rooms, and parts of each.
    this.#conflation = new AwarenessConflation({
      ...{ people, metrics, log: deps.log },
      handle: (from, entries) => this.#handle(from, entries),
    })
    this.#renewal = new AwarenessRenewal({ members, relay, states: this.#states })
    delivery.addSource(this)
  }

  /** A connection has parts of the document already: its client was on the board before. */
  returned(connection: Connection): void {
    if (!connection.isClosed) this.#renewal.returned(connection)
  }

  /** Another gateway has become known. */
  meet(): void {
    this.#renewal.meet()
  }

  /** Has the clients of this gateway renew their states: one is back on another. */
  renewAll(): void {
    this.#renewal.renewAll()
  }

  /** Sends a connection the states of all clients, or once it has caught up those that it was not sent. */
  sendStates(connection: Connection): void {
    let sentUpTo = this.#sentUpTo.get(connection) ?? 0
    for (const batch of batchAwareness(this.#states.since(sentUpTo))) {
      if (!connection.sendPresence(encodeAwareness(encodeAwarenessUpdate(batch)), 'awareness')) {
        this.#sentUpTo.set(connection, sentUpTo)
        return
      }
      sentUpTo = batch.at(-1)?.change ?? sentUpTo
    }
    this.#sentUpTo.delete(connection)
  }

  /**
   * Receives a connection's awareness update. Over its rates only the newest state of each client counts.
   * @throws MalformedFrameError
   */
  receive(from: Connection, update: Uint8Array): void {
    if (from.isClosed) return
    if (update.length > MAX_AWARENESS_BYTES) {
      this.#deps.metrics.awareness.dropped++
      return
    }
    const news = this.#states.news(from, readAwarenessUpdate(update))
    if (news.length > 0) this.#conflation.receive(from, news)
  }

  /** Receives what another gateway relayed of its connections. */
  receiveRelayed(gatewayId: string, payload: Uint8Array): void {
    try {
      for (const { origin, update } of decodeRelayedAwareness(payload)) {
        const owner = { ...origin, gatewayId }
        const news = this.#states.news(owner, readAwarenessUpdate(update))
        for (const entry of news) checkAwarenessEntry(entry)
        this.#change(this.#states.receive(owner, news))
      }
    } catch (error) {
      const { boardId, log } = this.#deps
      log.warn({ err: error, boardId }, 'relayed awareness cannot be read')
    }
  }

  /** A connection of this gateway ended. */
  leave(connection: Connection): void {
    this.#conflation.forget(connection)
    this.#renewal.forget(connection)
    this.#sentUpTo.delete(connection)
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
      const { length } = entry.bytes
      const isLarge = length > SMALL_AWARENESS_BYTES
      if (!isLarge) bytes += length
      if (isLarge ? !this.#mayCopy(length) : bytes > maxBytes && entries.length > 0) {
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
    return { frames: encodeAwarenessFrames(entries), kind: 'awareness' }
  }

  /** Whether the members of the board may be sent a large state now. */
  #mayCopy(bytes: number): boolean {
    return this.#largeCopies.take(bytes * this.#deps.members.size)
  }

  #handle(from: Connection, entries: readonly AwarenessEntry[]): void {
    for (const entry of entries) checkAwarenessEntry(entry)
    const isBack = entries.some(({ clientId }) => this.#states.isGone(clientId))
    if (isBack && !from.isClosed) this.#renewal.broughtBack(from)
    this.#change(this.#states.receive(from, entries), from)
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
