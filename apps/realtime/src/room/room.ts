import {
  type BoardSize,
  CLOSE_CODES,
  type ClientMessage,
  type CloseCode,
  canEdit,
  type ServerMessage,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { PresenceStore, Relay } from '@mindfuse/shared-state'
import { BoardBroadcast } from '../broadcast/board-broadcast.ts'
import type { Connection } from '../connection/connection.ts'
import { encodeMessage } from '../connection/encode-message.ts'
import type { UnreadDocuments } from '../connection/unread-documents.ts'
import { BoardDelivery } from '../delivery/board-delivery.ts'
import type { DeliveryClock } from '../delivery/delivery-clock.ts'
import { BoardDrafts } from '../drafts/board-drafts.ts'
import type { Metrics } from '../metrics.ts'
import type { BoardMemory } from '../person/board-memory.ts'
import type { People } from '../person/people.ts'
import { BoardAwareness } from '../presence/board-awareness.ts'
import { BoardPresence } from '../presence/board-presence.ts'
import { BoardRelay } from '../relay/board-relay.ts'
import { Peers } from '../relay/peers.ts'
import type { RelayedBytes } from '../relay/relayed-bytes.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { Batcher } from '../storage/batcher.ts'
import type { BoardSync } from '../sync/board-sync.ts'
import type { StoredPosition } from '../sync/stored-position.ts'
import { createFrameDispatch } from './frame-dispatch.ts'
import { createRelayDispatch } from './relay-dispatch.ts'
import type { Restorations } from './restorations.ts'
import { RoomDocument } from './room-document.ts'
import { SizeNotice } from './size-notice.ts'
import { StoredBoard } from './stored-board.ts'

/** What an open board takes besides its document, about, bytes. */
const ROOM_BYTES = 4 * 1024

/** What a room needs from the gateway. */
export interface RoomDeps {
  gatewayId: string
  api: ApiClient
  batcher: Batcher
  unread: UnreadDocuments
  people: People
  memory: BoardMemory<Room>
  restorations: Restorations
  /** The user whose connection opened the room. */
  openedBy: string
  relay: Relay
  relayedBytes: RelayedBytes
  presenceStore: PresenceStore
  clock: DeliveryClock
  metrics: Metrics
  log: Logger
  /** The room closed itself, because its document cannot be loaded or stored. */
  onClosed: () => void
  /** Every edit of the room is stored. */
  onAllStored: () => void
}

/** One open board: who is connected here, its document, and who is present on any gateway. */
export class Room {
  readonly boardId: string
  readonly #deps: RoomDeps
  readonly #members = new Set<Connection>()
  readonly #relay: BoardRelay
  readonly #stored: StoredBoard
  readonly #document: RoomDocument
  readonly #awareness: BoardAwareness
  readonly #presence: BoardPresence
  readonly #peers: Peers
  readonly #sizeNotice = new SizeNotice()
  #isStorageFull = false
  #name: string | undefined
  readonly broadcast: BoardBroadcast
  readonly drafts: BoardDrafts
  /** Receives a client's binary frame; its bytes are the caller's again when this returns. */
  readonly receive: (from: Connection, frame: Uint8Array) => void

  constructor(boardId: string, deps: RoomDeps) {
    this.boardId = boardId
    this.#deps = deps
    const { gatewayId, metrics, log } = deps
    const members = this.#members
    const delivery = new BoardDelivery(members, deps.clock)
    this.#relay = new BoardRelay(
      { ...deps, topic: boardId },
      {
        onMessage: (message, isFirst) => dispatchRelayed(message, isFirst),
        onBroadcast: (frame) => this.broadcast.receiveRelayed(frame),
        onGap: () => {
          metrics.relayGaps.inc()
          this.repair()
        },
      },
    )
    const relay = this.#relay
    const shared = { ...deps, boardId, members, delivery, relay }
    this.#stored = new StoredBoard(shared)
    this.#awareness = new BoardAwareness(shared)
    this.#presence = new BoardPresence({
      ...{ topic: boardId, gatewayId, delivery, relay, log },
      store: deps.presenceStore,
    })
    this.drafts = new BoardDrafts({
      ...shared,
      onOutcome: (outcome) => metrics.drafts.inc({ outcome }),
    })
    this.#document = new RoomDocument({
      ...shared,
      load: (load) => deps.memory.load(this.#payer, load),
      someone: () => this.#someone,
      stored: this.#stored,
      isQuotaUsedUp: () => this.#isStorageFull,
      onAnswer: (path) => metrics.answers.inc({ path }),
      onEditRefused: (code) => metrics.refusedEdits.inc({ code }),
      onOpen: (sync) => {
        for (const member of this.#members) this.#welcome(member, sync)
        this.#sizeNotice.sendTo(this.#members, sync.size)
      },
      onFailure: (code, reason) => this.close(code, reason),
    })
    this.broadcast = new BoardBroadcast({
      ...{ topic: boardId, members, relay, log },
      encode: (broadcast) => encodeMessage({ type: 'broadcast', ...broadcast }),
      onOutcome: (outcome) => metrics.broadcasts.inc({ outcome }),
    })
    this.#peers = new Peers({
      relay,
      present: () => this.#presence.shared.otherGateways,
      announce: () => this.#announce(),
      onSilent: (gatewayId) => this.removeGateway(gatewayId),
    })
    const parts = { document: this.#document, awareness: this.#awareness }
    this.receive = createFrameDispatch({ ...deps, ...parts })
    const dispatchRelayed = createRelayDispatch({
      ...parts,
      drafts: this.drafts,
      presence: this.#presence.shared,
      peers: this.#peers,
    })
    void this.#load()
  }

  /** Whether nobody is connected and nothing is left to store. */
  get isIdle(): boolean {
    return this.#members.size === 0 && !this.#document.sync?.hasUnsaved
  }

  /** Where the board stands in storage; undefined before the document is loaded. */
  get position(): StoredPosition | undefined {
    return this.#document.sync?.position
  }

  /** How large the board is; undefined before the document is loaded. */
  get size(): BoardSize | undefined {
    return this.#document.sync?.size
  }

  /** What the board is called; undefined until that is known here. */
  get name(): string | undefined {
    return this.#name
  }

  get isNearlyFull(): boolean {
    return this.#sizeNotice.steps > 0
  }

  /** The gateways that have the board open, or that connections of the board are on. */
  get otherGateways(): Set<string> {
    return this.#peers.all
  }

  /** Whether the storage of the board's workspace is used up, so that edits are refused. */
  setStorageFull(isFull: boolean): void {
    this.#isStorageFull = isFull
  }

  join(connection: Connection): void {
    this.#members.add(connection)
    this.#presence.join(connection)
    const { sync } = this.#document
    if (sync) this.#welcome(connection, sync)
  }

  leave(connection: Connection): void {
    this.#members.delete(connection)
    this.#presence.leave(connection)
    this.#awareness.leave(connection)
    this.drafts.leave(connection)
  }

  /** What a person may do on the board has changed. */
  roleChanged(connection: Connection): void {
    if (!canEdit(connection.role)) this.drafts.end(connection)
  }

  /** The board is called so now. */
  named(name: string): void {
    if (name === this.#name) return
    this.#name = name
    this.sendMessage({ type: 'board:name', name })
  }

  /** The user of a connection is called something else. */
  renamed(connection: Connection): void {
    this.#presence.renamed(connection)
  }

  /** A person moved their cursor, selection or viewport. */
  present(from: Connection, message: ClientMessage): void {
    this.#presence.update(from, message)
  }

  /** Sends a message to every connection. */
  sendMessage(message: ServerMessage): void {
    for (const member of this.#members) member.sendMessage(message)
  }

  /** A slow reader caught up: it gets all of the presence that was withheld. */
  catchUp(connection: Connection): void {
    this.#presence.welcome(connection)
    this.#awareness.sendStates(connection)
  }

  /** Fetches what is stored and not known here. */
  repair(): void {
    this.#document.repair()
  }

  /** See `RoomDocument`. */
  get restored(): Promise<void> | undefined {
    return this.#document.restored
  }

  /** Compares the document with what is stored: see `RoomDocument`. */
  compare(...positions: Parameters<RoomDocument['compare']>): void {
    this.#document.compare(...positions)
  }

  /** Writes presence behind. @param options.storeAll the store may have lost everything */
  async storePresence({ storeAll }: { storeAll: boolean }): Promise<void> {
    await this.#presence.shared.store({ all: storeAll })
  }

  /** An anti-entropy round: see `Peers`. */
  round(options: { isSilenceTrusted: boolean }): void {
    this.#charge()
    this.#document.shrinkIfWorthIt(this.#payer)
    const { size } = this
    if (size) this.#sizeNotice.sendIfPassed(this.#members, size)
    this.#peers.round(options)
  }

  /** Asks the other gateways to announce their connections. */
  query(): void {
    this.#peers.query()
  }

  /** A gateway died or left. @returns how many connections it had */
  removeGateway(gatewayId: string): number {
    this.#peers.forget(gatewayId)
    const connections = this.#presence.shared.removeGateway(gatewayId)
    this.#awareness.removeGateway(gatewayId)
    this.#document.sync?.takeOver(gatewayId)
    return connections
  }

  /** Closes every connection; their leaving empties the room. */
  close(code: CloseCode, reason: string): void {
    this.#document.close()
    this.#deps.memory.release(this)
    for (const member of [...this.#members]) member.close(code, reason)
    this.#deps.onClosed()
  }

  /** Nobody is connected any longer and nothing is left to store. */
  dispose(): void {
    this.#document.close()
    this.#deps.memory.release(this)
    this.#relay.close()
  }

  async #load(): Promise<void> {
    try {
      // First the channel to the other gateways: an edit in between would be lost.
      await this.#relay.open()
      this.query()
      await this.#deps.memory.load(this.#deps.openedBy, () => this.#loadDocument())
    } catch (error) {
      this.#deps.log.error({ err: error, boardId: this.boardId }, 'board cannot be loaded')
      this.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board cannot be loaded')
    }
  }

  async #loadDocument(): Promise<void> {
    // It may have had to wait, and everybody may have left.
    if (!this.#document.queue) return
    const { memory } = this.#deps
    const mayOpen = [...this.#members].some(({ userId }) => memory.roomFor(userId) === 'free')
    if (this.#members.size > 0 && !mayOpen) {
      this.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'too many boards are open')
      return
    }
    const [loaded] = await Promise.all([this.#stored.load(), this.#presence.shared.load()])
    this.#document.open(loaded)
    // A name that is known already is as new, or newer.
    if (loaded?.boardName !== undefined && this.#name === undefined) this.named(loaded.boardName)
    this.#charge()
  }

  /** Counts the document for someone who is here, and who has room for it if anybody has. */
  #charge(): void {
    const { sync } = this.#document
    if (!sync) return
    const { memory, openedBy } = this.#deps
    const people = Array.from(this.#members, ({ userId }) => userId)
    const payer = memory.payerOf(this)
    const isHere = payer !== undefined && (people.length === 0 || people.includes(payer))
    const next = people.find((userId) => memory.roomFor(userId) === 'free') ?? people[0] ?? openedBy
    memory.charge(this, isHere ? payer : next, sync.byteLength + ROOM_BYTES)
  }

  get #someone(): string {
    const [member] = this.#members
    return member?.userId ?? this.#payer
  }

  /** The user whom the document is counted for. */
  get #payer(): string {
    return this.#deps.memory.payerOf(this) ?? this.#deps.openedBy
  }

  #announce(): void {
    this.#presence.shared.announce()
    this.#awareness.announce()
  }

  #welcome(connection: Connection, sync: BoardSync): void {
    sync.welcome(connection)
    this.#awareness.sendStates(connection)
  }
}
