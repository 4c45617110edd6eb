import type { ClientMessage, Presence, PresenceUser, ServerMessage } from '@mindfuse/protocol'
import { presenceSchema, presenceUserSchema } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { PresenceStore } from '@mindfuse/shared-state'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Connection } from '../connection/connection.ts'
import { encodeMessage } from '../connection/encode-message.ts'
import type { BoardDelivery, PresenceFrames, PresenceSource } from '../delivery/board-delivery.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { RELAY_KINDS } from '../relay/envelope.ts'
import { type Participant, Participants } from './participants.ts'

const entrySchema = Type.Object({ user: presenceUserSchema, presence: presenceSchema })

/** What gateways tell each other: who is there or changed, and who went. */
const relayedSchema = Type.Object({
  /** Whether `entries` are all of the gateway's connections. */
  full: Type.Boolean(),
  entries: Type.Array(entrySchema),
  gone: Type.Array(Type.String()),
})

/** What somebody has selected who only came: one for all of them, and never changed. */
const NOTHING: string[] = []

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
 * Who is on a board, over all gateways. Who came and who went, and of each connection the newest
 * state, gather for a window and are encoded once for everybody.
 */
export class BoardPresence implements PresenceSource {
  readonly #deps: BoardPresenceDeps
  readonly #participants = new Participants()
  /** Connections whose newest state was not told yet, those that have waited longest first. */
  readonly #changed = new Set<string>()
  /** Who came and went in this window, in their order, as frames. */
  #news: Uint8Array[] = []
  /** Who was told everything in this window: how many of the news, and of the changes, that held. */
  #welcomed = new Map<Connection, { news: number; changes: number }>()
  /** How often a state became another. */
  #changes = 0
  /** Own connections that left in this window, for the other gateways. */
  readonly #gone = new Set<string>()
  /** Own connections whose stored state is old. */
  readonly #unstored = new Set<string>()
  /** Connections that left while the store was being read: what it says of them is old. */
  #goneWhileReading: Set<string> | undefined

  constructor(deps: BoardPresenceDeps) {
    this.#deps = deps
    deps.delivery.add(this)
  }

  /** Reads who was on the board on other gateways before this one opened it. */
  async load(): Promise<void> {
    const { store, boardId, gatewayId, log } = this.#deps
    this.#goneWhileReading = new Set()
    try {
      for (const stored of await store.list(boardId)) {
        if (stored.gatewayId === gatewayId) continue
        if (this.#goneWhileReading.has(stored.connectionId)) continue
        if (this.#participants.get(stored.connectionId)) continue
        const entry: unknown = JSON.parse(stored.presence)
        if (!Value.Check(entrySchema, entry)) continue
        this.#put({ ...entry, gatewayId: stored.gatewayId })
        this.#mark(entry.presence.connectionId)
      }
    } catch (error) {
      // The other gateways say it themselves within moments.
      log.warn({ err: error, boardId }, 'stored presence cannot be read')
    } finally {
      this.#goneWhileReading = undefined
    }
  }

  /** Somebody connected here: they learn who is there, the others that they came. */
  join(connection: Connection): void {
    const presence: Presence = {
      userId: connection.userId,
      connectionId: connection.id,
      cursor: null,
      selection: NOTHING,
      viewport: null,
    }
    this.#put({ user: connection.user, presence, gatewayId: this.#deps.gatewayId })
    this.#unstored.add(connection.id)
    this.#change(connection.id)
    this.welcome(connection)
    this.#deps.delivery.offerPresence()
  }

  /** Tells a connection everything, as when it just came. */
  welcome(connection: Connection): void {
    if (!connection.hasText) return
    for (const user of this.#participants.users) {
      if (user.id !== connection.userId) {
        connection.sendMessage({ type: 'presence:join', userId: user.id, user })
      }
    }
    const presences = [...this.#participants.all].map(({ presence }) => presence)
    connection.sendMessage({ type: 'presence:sync', presences, full: true })
    this.#welcomed.set(connection, { news: this.#news.length, changes: this.#changes })
  }

  leave(connection: Connection): void {
    const { store, boardId, log, delivery } = this.#deps
    this.#gone.add(connection.id)
    this.#unstored.delete(connection.id)
    this.#welcomed.delete(connection)
    this.#remove(connection.id)
    delivery.offerPresence()
    store.remove(boardId, [connection.id]).catch((error) => {
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
    this.#unstored.add(connection.id)
    this.#mark(connection.id)
  }

  get hasNews(): boolean {
    return this.#changed.size > 0 || this.#news.length > 0 || this.#gone.size > 0
  }

  take(maxBytes: number): PresenceFrames {
    const changed = this.#takeChanged(maxBytes)
    const frames = this.#news
    const welcomed = this.#welcomed
    this.#news = []
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
    for (const [connection, { news, changes }] of welcomed) {
      known.set(connection, changes === this.#changes ? frames.length : news)
    }
    return { frames, known, isBinary: false }
  }

  /** Each state is made text once, by which its size is known too. */
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

  /** Tells the other gateways all of this one's connections. */
  announce(): void {
    this.#relay(this.#participants.onGateway(this.#deps.gatewayId), { full: true, gone: [] })
  }

  /** Writes states behind that changed since the last time. */
  async store(): Promise<void> {
    const { store, boardId, gatewayId } = this.#deps
    const participants = [...this.#unstored]
      .map((id) => this.#participants.get(id))
      .filter((participant) => participant !== undefined)
    this.#unstored.clear()
    if (participants.length === 0) return
    await store.put(
      boardId,
      participants.map(({ connectionId, user, presence }) => ({
        connectionId,
        gatewayId,
        presence: JSON.stringify({ user, presence }),
      })),
    )
    // Some may have left while this was on its way.
    const left = participants
      .map(({ connectionId }) => connectionId)
      .filter((connectionId) => !this.#participants.get(connectionId))
    if (left.length > 0) await store.remove(boardId, left)
  }

  /** The store may have lost everything: write all of it again. */
  storeAll(): void {
    for (const { presence } of this.#participants.onGateway(this.#deps.gatewayId)) {
      this.#unstored.add(presence.connectionId)
    }
  }

  /**
   * Takes in what another gateway says of its connections.
   * @returns the ids of all of them, where it told all
   */
  receive(gatewayId: string, payload: Uint8Array): Set<string> | undefined {
    const message = parse(payload)
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

  /** The gateways that others of this board are on. */
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

  #put(entry: { user: PresenceUser; presence: Presence; gatewayId: string }): void {
    const { user, presence, gatewayId } = entry
    const { connectionId } = presence
    // Not with a spread, after which V8 gives each of them a hidden class of its own: 190 bytes.
    const isNew = this.#participants.put({ connectionId, gatewayId, user, presence })
    if (isNew) this.#tell({ type: 'presence:join', userId: user.id, user })
  }

  #remove(connectionId: string): void {
    this.#goneWhileReading?.add(connectionId)
    this.#changed.delete(connectionId)
    const participant = this.#participants.get(connectionId)
    if (!participant) return
    const { userId } = participant.presence
    const hasLeft = this.#participants.remove(connectionId) !== undefined
    // One of a person's tabs: they stay, and the cursor of that tab goes.
    const empty = { userId, connectionId, cursor: null, selection: [], viewport: null }
    this.#tell(
      hasLeft ? { type: 'presence:leave', userId } : { type: 'presence:sync', presences: [empty] },
    )
    this.#deps.delivery.offerPresence()
  }

  #mark(connectionId: string): void {
    this.#change(connectionId)
    this.#deps.delivery.offerPresence()
  }

  #change(connectionId: string): void {
    this.#changed.add(connectionId)
    this.#changes++
  }

  #tell(message: ServerMessage): void {
    this.#news.push(encodeMessage(message))
  }

  #relay(
    participants: readonly Participant[],
    { full, gone }: { full: boolean; gone: readonly string[] },
  ): void {
    const entries = participants.map(({ user, presence }) => ({ user, presence }))
    this.#deps.relay.sendUnlessAlone(RELAY_KINDS.PRESENCE, () =>
      Buffer.from(JSON.stringify({ full, entries, gone })),
    )
  }
}

function parse(payload: Uint8Array) {
  try {
    const message: unknown = JSON.parse(Buffer.from(payload).toString())
    return Value.Check(relayedSchema, message) ? message : undefined
  } catch {
    // Another release's, perhaps: its next announcement may be readable.
    return undefined
  }
}
