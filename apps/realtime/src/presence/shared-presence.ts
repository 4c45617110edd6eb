import type { PresenceUser } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { PresenceStore } from '@mindfuse/shared-state'
import type { BoardRelay } from '../relay/board-relay.ts'
import { RELAY_KINDS } from '../relay/envelope.ts'
import { type OwnedState, type Participant, Participants } from './participants.ts'
import { encodeRelayed, type PresenceCodec } from './presence-codec.ts'
import { StoredPresence } from './stored-presence.ts'

/** What sharing presence needs. */
export interface SharedPresenceDeps<State extends OwnedState> {
  /** A board's id, or a channel's topic. */
  topic: string
  gatewayId: string
  relay: BoardRelay
  store: PresenceStore
  codec: PresenceCodec<State>
  log: Logger
}

/** What becomes known of connections. */
export interface PresenceHandlers<State extends OwnedState> {
  /** @param isNews whether its user was not present before, or not by this name */
  onPut(participant: Participant<State>, isNews: boolean): void
  /** The state of a connection elsewhere was received. */
  onChanged(connectionId: string): void
  /** @param isLast whether its user is not present any longer */
  onRemoved(participant: Participant<State>, isLast: boolean): void
}

/**
 * Which connections are present on a board or in a channel, over all gateways: exchanged with those that have
 * it open, and stored for the next that opens it.
 */
export class SharedPresence<State extends OwnedState> {
  readonly participants = new Participants<State>()
  readonly #deps: SharedPresenceDeps<State>
  readonly #handlers: PresenceHandlers<State>
  readonly #stored: StoredPresence<State>
  /** Own connections that left since the other gateways were told. */
  readonly #gone = new Set<string>()

  constructor(deps: SharedPresenceDeps<State>, handlers: PresenceHandlers<State>) {
    this.#deps = deps
    this.#handlers = handlers
    this.#stored = new StoredPresence({ ...deps, participants: this.participants })
  }

  /** Reads which connections other gateways had here before this one opened it. */
  async load(): Promise<void> {
    try {
      for (const { user, presence, gatewayId } of await this.#stored.read()) {
        this.#put(user, presence, gatewayId)
        this.#handlers.onChanged(presence.connectionId)
      }
    } catch (error) {
      // The other gateways announce them within moments.
      const { topic, log } = this.#deps
      log.warn({ err: error, topic }, 'stored presence cannot be read')
    }
  }

  /** A connection of this gateway is present. */
  put(user: PresenceUser, presence: State): void {
    this.#put(user, presence, this.#deps.gatewayId)
    this.touch(presence.connectionId)
  }

  /** The user of a connection of this gateway has another name. @returns whether it is present */
  rename(connectionId: string, user: PresenceUser): boolean {
    const known = this.participants.get(connectionId)
    if (!known) return false
    this.put(user, known.presence)
    return true
  }

  /** The state of a connection of this gateway is new. */
  touch(connectionId: string): void {
    this.#stored.mark(connectionId)
  }

  /** A connection of this gateway is not present any longer. */
  leave(connectionId: string): void {
    const { topic, log } = this.#deps
    this.#gone.add(connectionId)
    this.#remove(connectionId)
    this.#stored.remove(connectionId).catch((error) => {
      log.debug({ err: error, topic }, 'stored presence cannot be removed')
    })
  }

  /** Whether connections left that the other gateways were not told of. */
  get hasGone(): boolean {
    return this.#gone.size > 0
  }

  /** Sends the other gateways those of these that are of this one, and which left. */
  relay(changed: readonly Participant<State>[]): void {
    const own = changed.filter(({ gatewayId }) => gatewayId === this.#deps.gatewayId)
    const gone = [...this.#gone]
    this.#gone.clear()
    if (own.length > 0 || gone.length > 0) this.#send(own, { full: false, gone })
  }

  /** Sends the other gateways all connections of this one. */
  announce(): void {
    const own = this.participants.onGateway(this.#deps.gatewayId)
    this.#send(own, { full: true, gone: [] })
  }

  /** Writes presence behind. @param options.all the store may have lost everything */
  async store({ all }: { all: boolean }): Promise<void> {
    if (all) this.#stored.markAll()
    await this.#stored.write()
  }

  /**
   * Receives what another gateway relayed of its connections.
   * @returns the ids of all of them, if it sent all
   */
  receiveRelayed(gatewayId: string, payload: Uint8Array): Set<string> | undefined {
    const message = this.#deps.codec.readRelayed(payload)
    if (!message) {
      this.#deps.log.warn({ gatewayId }, 'relayed presence cannot be read')
      return undefined
    }
    for (const { user, presence } of message.entries) {
      this.#put(user, presence, gatewayId)
      this.#handlers.onChanged(presence.connectionId)
    }
    for (const connectionId of message.gone) this.#remove(connectionId)
    if (!message.full) return undefined
    const present = new Set(message.entries.map(({ presence }) => presence.connectionId))
    for (const { connectionId } of this.participants.onGateway(gatewayId)) {
      if (!present.has(connectionId)) this.#remove(connectionId)
    }
    return present
  }

  /** The other gateways that connections are on. */
  get otherGateways(): Set<string> {
    const ids = new Set<string>()
    for (const { gatewayId } of this.participants.all) ids.add(gatewayId)
    ids.delete(this.#deps.gatewayId)
    return ids
  }

  /** A gateway died: its connections are gone. @returns how many there were */
  removeGateway(gatewayId: string): number {
    const { store, topic } = this.#deps
    const ids = this.participants.onGateway(gatewayId).map(({ connectionId }) => connectionId)
    for (const id of ids) this.#remove(id)
    void store.remove(topic, ids).catch(() => undefined)
    return ids.length
  }

  #put(user: PresenceUser, presence: State, gatewayId: string): void {
    const { connectionId } = presence
    // Without a spread, after which V8 would give each object a hidden class of its own: 190 bytes.
    const participant = { connectionId, gatewayId, user, presence }
    this.#handlers.onPut(participant, this.participants.put(participant))
  }

  #remove(connectionId: string): void {
    this.#stored.forget(connectionId)
    const participant = this.participants.get(connectionId)
    if (!participant) return
    const isLast = this.participants.remove(connectionId) !== undefined
    this.#handlers.onRemoved(participant, isLast)
  }

  #send(
    participants: readonly Participant<State>[],
    { full, gone }: { full: boolean; gone: string[] },
  ): void {
    const entries = participants.map(({ user, presence }) => ({ user, presence }))
    this.#deps.relay.sendUnlessAlone(RELAY_KINDS.PRESENCE, () =>
      encodeRelayed({ full, entries, gone }),
    )
  }
}
