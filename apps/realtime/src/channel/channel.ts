import type { Logger } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { BoardBroadcast } from '../broadcast/board-broadcast.ts'
import type { Connection } from '../connection/connection.ts'
import { encodeMessage } from '../connection/encode-message.ts'
import { BoardDelivery } from '../delivery/board-delivery.ts'
import type { DeliveryClock } from '../delivery/delivery-clock.ts'
import type { Metrics } from '../metrics.ts'
import { ChannelPresence } from '../presence/channel-presence.ts'
import { BoardRelay } from '../relay/board-relay.ts'
import { RELAY_KINDS, type RelayMessage } from '../relay/envelope.ts'
import { Peers } from '../relay/peers.ts'

/** What a channel needs from the gateway. */
export interface ChannelDeps {
  gatewayId: string
  sharedState: Pick<SharedState, 'relay' | 'presence'>
  clock: DeliveryClock
  metrics: Metrics
  log: Logger
}

/** A room without a document: who has joined it here, and who is present on any gateway. */
export class Channel {
  readonly topic: string
  readonly #log: Logger
  readonly #members = new Set<Connection>()
  readonly #relay: BoardRelay
  readonly #peers: Peers
  readonly #presence: ChannelPresence
  readonly broadcast: BoardBroadcast

  constructor(topic: string, { gatewayId, sharedState, clock, metrics, log }: ChannelDeps) {
    this.topic = topic
    this.#log = log
    const members = this.#members
    this.#relay = new BoardRelay(
      { topic, gatewayId, relay: sharedState.relay, log },
      {
        onMessage: (message, isFirst) => this.#receive(message, isFirst),
        onBroadcast: (frame) => this.broadcast.receiveRelayed(frame),
        // Of presence alone, which its gateway has all of.
        onGap: () => {
          metrics.relayGaps.inc()
          this.query()
        },
      },
    )
    const relay = this.#relay
    this.#presence = new ChannelPresence({
      ...{ topic, gatewayId, relay, log },
      delivery: new BoardDelivery(members, clock),
      store: sharedState.presence,
    })
    this.#peers = new Peers({
      relay,
      present: () => this.#presence.shared.otherGateways,
      announce: () => this.#presence.shared.announce(),
      onSilent: (id) => this.removeGateway(id),
    })
    this.broadcast = new BoardBroadcast({
      ...{ topic, members, relay, log },
      encode: (broadcast) => encodeMessage({ type: 'channel:broadcast', topic, ...broadcast }),
      onOutcome: (outcome) => metrics.broadcasts.inc({ outcome }),
    })
    void this.#open()
  }

  get isIdle(): boolean {
    return this.#members.size === 0
  }

  /** The gateways that have the channel open, or that connections present in it are on. */
  get otherGateways(): Set<string> {
    return this.#peers.all
  }

  join(connection: Connection): void {
    this.#members.add(connection)
    this.#presence.welcome(connection)
  }

  leave(connection: Connection): void {
    this.#members.delete(connection)
    this.#presence.leave(connection)
  }

  /** A member gave a state; null for none any longer. */
  present(from: Connection, state: unknown): void {
    if (this.#members.has(from)) this.#presence.update(from, state)
  }

  /** The user of a member is called something else. */
  renamed(connection: Connection): void {
    this.#presence.renamed(connection)
  }

  /** A slow reader caught up: it gets all of the presence that was withheld. */
  catchUp(connection: Connection): void {
    this.#presence.welcome(connection)
  }

  /** Writes presence behind. @param options.storeAll the store may have lost everything */
  async storePresence({ storeAll }: { storeAll: boolean }): Promise<void> {
    await this.#presence.shared.store({ all: storeAll })
  }

  /** An anti-entropy round: see `Peers`. */
  round(options: { isSilenceTrusted: boolean }): void {
    this.#peers.round(options)
  }

  /** Asks the other gateways to announce their connections. */
  query(): void {
    this.#peers.query()
  }

  /** A gateway died or left. @returns how many connections it had */
  removeGateway(gatewayId: string): number {
    this.#peers.forget(gatewayId)
    return this.#presence.shared.removeGateway(gatewayId)
  }

  /** Nobody has joined it any longer. */
  dispose(): void {
    this.#relay.close()
  }

  async #open(): Promise<void> {
    try {
      await this.#relay.open()
      this.query()
      await this.#presence.shared.load()
    } catch (error) {
      // Subscribed again with the next connection to the store, which runs a round.
      this.#log.warn({ err: error, topic: this.topic }, 'channel cannot be opened')
    }
  }

  #receive(message: RelayMessage, isFirst: boolean): void {
    this.#peers.heard(message, isFirst)
    const { gatewayId, kind, payload } = message
    if (kind === RELAY_KINDS.PRESENCE) this.#presence.shared.receiveRelayed(gatewayId, payload)
  }
}
