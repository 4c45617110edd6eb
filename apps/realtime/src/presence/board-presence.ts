import type { PresenceEntry } from '@mindfuse/internal'
import type { ClientMessage, Presence, ServerMessage } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { PresenceStore } from '@mindfuse/shared-state'
import type { Connection } from '../connection/connection.ts'
import { encodeMessage } from '../connection/encode-message.ts'
import type { BoardDelivery, PresenceFrames, PresenceSource } from '../delivery/board-delivery.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { RELAY_KINDS } from '../relay/envelope.ts'
import { type Participant, Participants } from './participants.ts'
import { decodeRelayedPresence, encodeRelayedPresence } from './presence-codec.ts'
import { StoredPresence } from './stored-presence.ts'

/** The selection of a connection that has just joined: shared by all of them, and never changed. */
const NO_SELECTION: string[] = []

/** What the presence of a board needs from its room. */
export interface BoardPresenceDeps {
  boardId: string
  gatewayId: string
  delivery: BoardDelivery
  relay: BoardRelay
  store: PresenceStore
  log: Logger
}

/**
 * Who is on a board, over all gateways. Joins, leaves and the newest state of each connection are
 * collected for a window and encoded once for all members.
 */
export class BoardPresence implements PresenceSource {
  readonly #deps: BoardPresenceDeps
  readonly #participants = new Participants()
  /** Connections whose newest state was not sent yet, the oldest first. */
  readonly #changed = new Set<string>()
  /** The joins and leaves of this window, in their order, as frames. */
  #frames: Uint8Array[] = []
  /** Connections that were sent everything in this window: how many frames and changes that covered. */
  #welcomed = new Map<Connection, { frames: number; changes: number }>()
  /** Counts the changes of states. */
  #changes = 0
  /** Own connections that left in this window, for the other gateways. */
  readonly #gone = new Set<string>()
  readonly #stored: StoredPresence

  constructor(deps: BoardPresenceDeps) {
    this.#deps = deps
    const { boardId, gatewayId, store } = deps
    this.#stored = new StoredPresence({
      ...{ boardId, gatewayId, store },
      participants: this.#participants,
    })
    deps.delivery.addSource(this)
  }

  /** Reads which connections other gateways had on the board before this one opened it. */
  async load(): Promise<void> {
    try {
      for (const entry of await this.#stored.read()) {
        this.#put(entry)
        this.#mark(entry.presence.connectionId)
      }
    } catch (error) {
      // The other gateways announce them within moments.
      const { boardId, log } = this.#deps
      log.warn({ err: error, boardId }, 'stored presence cannot be read')
    }
  }

  /** A client connected here: it receives who is present, and the others receive its join. */
  join(connection: Connection): void {
    const presence: Presence = {
      userId: connection.userId,
      connectionId: connection.id,
      cursor: null,
      selection: NO_SELECTION,
      viewport: null,
    }
    this.#put({ user: connection.user, presence, gatewayId: this.#deps.gatewayId })
    this.#stored.mark(connection.id)
    this.#change(connection.id)
    this.welcome(connection)
    this.#deps.delivery.schedulePresence()
  }

  /** Sends a connection everything, as when it has just joined. */
  welcome(connection: Connection): void {
    if (!connection.hasText) return
    for (const user of this.#participants.users) {
      if (user.id !== connection.userId) {
        connection.sendMessage({ type: 'presence:join', userId: user.id, user })
      }
    }
    const presences = [...this.#participants.all].map(({ presence }) => presence)
    connection.sendMessage({ type: 'presence:sync', presences, full: true })
    this.#welcomed.set(connection, { frames: this.#frames.length, changes: this.#changes })
  }

  leave(connection: Connection): void {
    const { boardId, log, delivery } = this.#deps
    this.#gone.add(connection.id)
    this.#welcomed.delete(connection)
    this.#remove(connection.id)
    delivery.schedulePresence()
    this.#stored.remove(connection.id).catch((error) => {
      log.debug({ err: error, boardId }, 'stored presence cannot be removed')
    })
  }

  /** A connection moved its cursor, selection or viewport. */
  update(connection: Connection, message: ClientMessage): void {
    const participant = this.#participants.get(connection.id)
    if (!participant) return
    const { presence } = participant
    if (message.type === 'presence:update') {
      presence.cursor = message.cursor
      presence.selection = message.selection
    } else if (message.type === 'presence:viewport') {
      presence.viewport = { x: message.x, y: message.y, zoom: message.zoom }
    }
    this.#stored.mark(connection.id)
    this.#mark(connection.id)
  }

  get hasPending(): boolean {
    return this.#changed.size > 0 || this.#frames.length > 0 || this.#gone.size > 0
  }

  take(maxBytes: number): PresenceFrames {
    const changed = this.#takeChanged(maxBytes)
    const frames = this.#frames
    const welcomed = this.#welcomed
    this.#frames = []
    this.#welcomed = new Map()
    if (changed.length > 0) {
      const texts = changed.map(({ text }) => text)
      frames.push(Buffer.from(`{"type":"presence:sync","presences":[${texts.join(',')}]}`))
    }
    const own = changed
      .map(({ participant }) => participant)
      .filter(({ gatewayId }) => gatewayId === this.#deps.gatewayId)
    const gone = [...this.#gone]
    this.#gone.clear()
    if (own.length > 0 || gone.length > 0) this.#relay(own, { full: false, gone })
    const known = new Map<Connection, number>()
    for (const [connection, covered] of welcomed) {
      const isCurrent = covered.changes === this.#changes
      known.set(connection, isCurrent ? frames.length : covered.frames)
    }
    return { frames, known, isBinary: false }
  }

  /** Encodes each state once, which also gives its size. */
  #takeChanged(maxBytes: number): { participant: Participant; text: string }[] {
    const taken: { participant: Participant; text: string }[] = []
    let bytes = 0
    for (const id of this.#changed) {
      const participant = this.#participants.get(id)
      const text = JSON.stringify(participant?.presence) ?? ''
      bytes += text.length
      if (bytes > maxBytes && taken.length > 0) break
      this.#changed.delete(id)
      if (participant) taken.push({ participant, text })
    }
    return taken
  }

  /** Sends the other gateways all connections of this one. */
  announce(): void {
    this.#relay(this.#participants.onGateway(this.#deps.gatewayId), { full: true, gone: [] })
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
    const message = decodeRelayedPresence(payload)
    if (!message) {
      this.#deps.log.warn({ gatewayId }, 'relayed presence cannot be read')
      return undefined
    }
    for (const entry of message.entries) {
      this.#put({ ...entry, gatewayId })
      this.#mark(entry.presence.connectionId)
    }
    for (const connectionId of message.gone) this.#remove(connectionId)
    if (!message.full) return undefined
    const present = new Set(message.entries.map(({ presence }) => presence.connectionId))
    for (const { presence } of this.#participants.onGateway(gatewayId)) {
      if (!present.has(presence.connectionId)) this.#remove(presence.connectionId)
    }
    return present
  }

  /** The other gateways that connections of this board are on. */
  get otherGateways(): Set<string> {
    const ids = new Set<string>()
    for (const { gatewayId } of this.#participants.all) ids.add(gatewayId)
    ids.delete(this.#deps.gatewayId)
    return ids
  }

  /** A gateway died: its connections are gone. @returns their ids */
  removeGateway(gatewayId: string): string[] {
    const ids = this.#participants.onGateway(gatewayId).map(({ presence }) => presence.connectionId)
    for (const id of ids) this.#remove(id)
    return ids
  }

  #put(entry: PresenceEntry & { gatewayId: string }): void {
    const { user, presence, gatewayId } = entry
    const { connectionId } = presence
    // Without a spread, after which V8 would give each object a hidden class of its own: 190 bytes.
    const isNew = this.#participants.put({ connectionId, gatewayId, user, presence })
    if (isNew) this.#add({ type: 'presence:join', userId: user.id, user })
  }

  #remove(connectionId: string): void {
    this.#stored.forget(connectionId)
    this.#changed.delete(connectionId)
    const participant = this.#participants.get(connectionId)
    if (!participant) return
    const { userId } = participant.presence
    const hasLeft = this.#participants.remove(connectionId) !== undefined
    // One of a person's tabs closed: the person stays, the cursor of that tab goes.
    const empty = { userId, connectionId, cursor: null, selection: [], viewport: null }
    this.#add(
      hasLeft ? { type: 'presence:leave', userId } : { type: 'presence:sync', presences: [empty] },
    )
    this.#deps.delivery.schedulePresence()
  }

  #mark(connectionId: string): void {
    this.#change(connectionId)
    this.#deps.delivery.schedulePresence()
  }

  #change(connectionId: string): void {
    this.#changed.add(connectionId)
    this.#changes++
  }

  #add(message: ServerMessage): void {
    this.#frames.push(encodeMessage(message))
  }

  #relay(
    participants: readonly Participant[],
    { full, gone }: { full: boolean; gone: readonly string[] },
  ): void {
    const entries = participants.map(({ user, presence }) => ({ user, presence }))
    this.#deps.relay.sendUnlessAlone(RELAY_KINDS.PRESENCE, () =>
      encodeRelayedPresence({ full, entries, gone: [...gone] }),
    )
  }
}
