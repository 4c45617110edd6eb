import {
  CLOSE_CODES,
  type ClientMessage,
  type CloseCode,
  decodeFrame,
  type Frame,
  type ServerMessage,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { PresenceStore, Relay } from '@mindfuse/shared-state'
import { BoardBroadcast } from '../broadcast/board-broadcast.ts'
import type { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import { BoardDelivery } from '../delivery/board-delivery.ts'
import type { DeliveryClock } from '../delivery/delivery-clock.ts'
import type { Metrics } from '../metrics.ts'
import { BoardAwareness } from '../presence/board-awareness.ts'
import { BoardPresence } from '../presence/board-presence.ts'
import { BoardRelay } from '../relay/board-relay.ts'
import {
  decodeRelayedEdit,
  RELAY_KINDS,
  type RelayedEdit,
  type RelayMessage,
} from '../relay/envelope.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { Batcher } from '../storage/batcher.ts'
import type { StorageRefusal } from '../storage/board-queue.ts'
import { BoardSync, type BoardSyncDeps } from '../sync/board-sync.ts'
import { LoadingQueue } from './loading-queue.ts'
import { SilentGateways } from './silent-gateways.ts'
import { StoredBoard } from './stored-board.ts'

/** What a room needs from the gateway. */
export interface RoomDeps {
  gatewayId: string
  api: ApiClient
  batcher: Batcher
  relay: Relay
  presenceStore: PresenceStore
  clock: DeliveryClock
  metrics: Metrics
  log: Logger
  /** The room closed itself, because its document cannot be loaded or stored. */
  onClosed: () => void
  /** Every edit of the room is stored. */
  onAllStored: () => void
}

/** What became of reading the board's document. Nothing is answered before it is open. */
type RoomState =
  | { kind: 'loading'; queue: LoadingQueue }
  | { kind: 'open'; sync: BoardSync }
  | { kind: 'closed' }

/** One open board: who is connected here, its document, and who is present anywhere. */
export class Room {
  readonly boardId: string
  readonly #deps: RoomDeps
  readonly #members = new Set<Connection>()
  readonly #delivery: BoardDelivery
  readonly #relay: BoardRelay
  readonly #awareness: BoardAwareness
  readonly #presence: BoardPresence
  /** What people say to the board. */
  readonly broadcast: BoardBroadcast
  #state: RoomState = { kind: 'loading', queue: new LoadingQueue() }
  readonly #stored: StoredBoard
  #isReading = false
  readonly #silent = new SilentGateways()

  constructor(boardId: string, deps: RoomDeps) {
    this.boardId = boardId
    this.#deps = deps
    const { gatewayId, log } = deps
    this.#delivery = new BoardDelivery(this.#members, deps.clock)
    this.#relay = new BoardRelay(
      { boardId, gatewayId, relay: deps.relay, log },
      {
        onMessage: (message, isNewcomer) => this.#hear(message, isNewcomer),
        onBroadcast: (frame) => this.broadcast.hear(frame),
        onGap: () => this.#closeGap(),
      },
    )
    this.#stored = new StoredBoard({ boardId, ...deps })
    this.#awareness = new BoardAwareness({
      boardId,
      members: this.#members,
      delivery: this.#delivery,
      relay: this.#relay,
      log,
    })
    this.#presence = new BoardPresence({
      boardId,
      gatewayId,
      delivery: this.#delivery,
      relay: this.#relay,
      store: deps.presenceStore,
      log,
    })
    this.broadcast = new BoardBroadcast({
      boardId,
      members: this.#members,
      relay: this.#relay,
      log,
      onOutcome: (outcome) => deps.metrics.broadcasts.inc({ outcome }),
    })
    void this.#load()
  }

  /** Whether nobody is here and nothing is left to store. */
  get isIdle(): boolean {
    return this.#members.size === 0 && !(this.#state.kind === 'open' && this.#state.sync.hasUnsaved)
  }

  /** Up to which stored update everything is here; undefined before the document is loaded. */
  get knownSeq(): number | undefined {
    return this.#state.kind === 'open' ? this.#state.sync.knownSeq : undefined
  }

  /** The gateways that have the board open too, also those that nobody is on any more. */
  get otherGateways(): Set<string> {
    return new Set([...this.#relay.gateways, ...this.#presence.otherGateways])
  }

  join(connection: Connection): void {
    this.#members.add(connection)
    this.#presence.join(connection)
    if (this.#state.kind === 'open') this.#welcome(connection, this.#state.sync)
  }

  leave(connection: Connection): void {
    this.#members.delete(connection)
    this.#presence.leave(connection)
    this.#awareness.leave(connection)
  }

  /** Takes a binary frame in; its bytes are the caller's again when this returns. */
  receive(from: Connection, frame: Uint8Array): void {
    if (this.#state.kind === 'loading') this.#wait(from, frame, this.#state.queue)
    else this.#handle(from, frame)
  }

  /** Somebody moved their cursor, selection or viewport. */
  present(from: Connection, message: ClientMessage): void {
    this.#presence.update(from, message)
  }

  /** Tells every connection. */
  tell(message: ServerMessage): void {
    for (const member of this.#members) member.sendMessage(message)
  }

  /** A slow reader caught up: it gets anew what was withheld. */
  catchUp(connection: Connection): void {
    this.#presence.welcome(connection)
    this.#awareness.show(connection)
  }

  #closeGap(): void {
    this.#deps.metrics.relayGaps.inc()
    this.repair()
  }

  /** Fetches what is stored and not known here; at most one request at a time. */
  repair(): void {
    if (this.#state.kind !== 'open' || this.#isReading) return
    const { sync } = this.#state
    this.#deps.metrics.repairs.inc()
    void this.#read(() => this.#stored.catchUp(sync))
  }

  /** Reads the board anew where so much came since it was read that it pays. */
  renew(): void {
    if (this.#state.kind !== 'open' || this.#isReading) return
    const { sync } = this.#state
    if (sync.isWorthReloading) void this.#read(() => this.#stored.renew(sync))
  }

  /** One at a time. The next round tries again what failed. */
  async #read(read: () => Promise<boolean>): Promise<void> {
    this.#isReading = true
    try {
      const exists = await read()
      if (!exists && this.#state.kind === 'open') {
        this.close(CLOSE_CODES.BOARD_GONE, 'the board is gone')
      }
    } catch (error) {
      this.#deps.log.warn({ err: error, boardId: this.boardId }, 'stored updates cannot be read')
    } finally {
      this.#isReading = false
    }
  }

  /** Once a second or so: tells others who is here, and writes presence behind. */
  async keepUp({ hasForgotten }: { hasForgotten: boolean }): Promise<void> {
    if (hasForgotten) this.#presence.storeAll()
    await this.#presence.store()
  }

  /**
   * Every other second or so: tells the other gateways who is here, or finds out whether there are
   * any.
   * @param isLineSound whether one that is not heard has said nothing
   */
  round({ isLineSound }: { isLineSound: boolean }): void {
    this.renew()
    const others = this.otherGateways
    if (others.size > 0) this.announce()
    else this.ask()
    if (!isLineSound) return
    for (const gatewayId of this.#silent.round(others)) this.removeGateway(gatewayId)
  }

  /** Asks the other gateways to announce who is there. */
  ask(): void {
    this.#relay.send(RELAY_KINDS.QUERY, new Uint8Array())
  }

  /** Tells the other gateways everything about this one's connections. */
  announce(): void {
    this.#presence.announce()
    this.#awareness.announce()
  }

  /** A gateway died or left: its connections are gone. @returns how many there were */
  removeGateway(gatewayId: string): number {
    this.#relay.forget(gatewayId)
    this.#silent.forget(gatewayId)
    const connectionIds = this.#presence.removeGateway(gatewayId)
    this.#awareness.removeGateway(gatewayId)
    if (this.#state.kind === 'open') this.#state.sync.takeOver(gatewayId)
    void this.#deps.presenceStore.remove(this.boardId, connectionIds).catch(() => undefined)
    return connectionIds.length
  }

  /** Closes every connection; their leaving empties the room. */
  close(code: CloseCode, reason: string): void {
    this.#state = { kind: 'closed' }
    for (const member of [...this.#members]) member.close(code, reason)
    this.#deps.onClosed()
  }

  /** Nobody is here any more and nothing is left to store. */
  dispose(): void {
    this.#state = { kind: 'closed' }
    this.#relay.close()
  }

  async #load(): Promise<void> {
    const { log } = this.#deps
    try {
      // First the line to the others, so that nothing passes between the two.
      await this.#relay.open()
      this.ask()
      const [stored] = await Promise.all([this.#stored.open(), this.#presence.load()])
      if (this.#state.kind !== 'loading') return
      if (stored) this.#open(new BoardSync(stored.document, stored.seq, this.#syncDeps))
      else this.close(CLOSE_CODES.BOARD_GONE, 'the board is gone')
    } catch (error) {
      log.error({ err: error, boardId: this.boardId }, 'board cannot be loaded')
      this.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board cannot be loaded')
    }
  }

  #open(sync: BoardSync): void {
    const queue = this.#state.kind === 'loading' ? this.#state.queue : undefined
    this.#state = { kind: 'open', sync }
    for (const member of this.#members) this.#welcome(member, sync)
    queue?.handleAll()
  }

  get #syncDeps(): BoardSyncDeps {
    const { batcher, metrics, log } = this.#deps
    return {
      boardId: this.boardId,
      delivery: this.#delivery,
      batcher,
      relay: this.#relay,
      onAnswer: (path) => metrics.answers.inc({ path }),
      onAllStored: () => this.#deps.onAllStored(),
      onRefused: (reason) => this.#refuse(reason),
      log,
    }
  }

  #refuse(reason: StorageRefusal): void {
    if (reason === 'board_gone') this.close(CLOSE_CODES.BOARD_GONE, 'the board is gone')
    else this.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'edits could not be stored')
  }

  #wait(from: Connection, frame: Uint8Array, queue: LoadingQueue): void {
    if (!queue.takeIn(frame.length)) {
      from.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board is still loading')
      return
    }
    const kept = frame.slice()
    // Also for somebody who has left meanwhile: they may have drawn before they went.
    queue.add(() => this.#handle(from, kept))
  }

  #welcome(connection: Connection, sync: BoardSync): void {
    sync.welcome(connection)
    this.#awareness.show(connection)
  }

  #handle(from: Connection, bytes: Uint8Array): void {
    guardFrame(from, this.#deps.log, () => this.#dispatch(from, decodeFrame(bytes)))
  }

  #dispatch(from: Connection, frame: Frame): void {
    if (this.#state.kind !== 'open') return
    const { sync } = this.#state
    switch (frame.kind) {
      case 'sync-step-1':
        if (from.rates.joins.take()) sync.answer(from, frame.stateVector)
        else from.close(CLOSE_CODES.RATE_LIMITED, 'too many sync step 1 frames')
        break
      case 'sync-step-2':
      case 'update':
        sync.receive(from, frame.kind, frame.update)
        break
      case 'awareness':
        this.#awareness.receive(from, frame.update)
        break
      case 'query-awareness':
        this.#awareness.show(from)
        break
    }
  }

  /** Another gateway said something. */
  #hear({ gatewayId, sequence, kind, payload }: RelayMessage, isNewcomer: boolean): void {
    this.#silent.forget(gatewayId)
    // Nothing was told while nobody else was known.
    if (isNewcomer && kind !== RELAY_KINDS.QUERY) this.announce()
    switch (kind) {
      case RELAY_KINDS.EDIT:
        this.#hearEdit(gatewayId, sequence, decodeRelayedEdit(payload))
        break
      case RELAY_KINDS.PRESENCE:
        this.#hearPresence(gatewayId, payload)
        break
      case RELAY_KINDS.AWARENESS:
        this.#awareness.hear(gatewayId, payload)
        break
      case RELAY_KINDS.QUERY:
        this.announce()
        break
      case RELAY_KINDS.STORED:
        if (this.#state.kind === 'open') this.#state.sync.confirmRelayed(gatewayId, payload)
        break
    }
  }

  #hearEdit(gatewayId: string, sequence: number, edit: RelayedEdit): void {
    const state = this.#state
    if (state.kind === 'open') {
      if (state.sync.receiveRelayed(gatewayId, sequence, edit) === 'gap') this.repair()
    } else if (state.kind === 'loading') {
      // It waits for the document: its gateway may die before it has stored it. Where there is no
      // room for it, it is fetched from storage once it is there.
      const hasRoom = state.queue.takeIn(edit.update.length)
      state.queue.add(() => {
        if (hasRoom) this.#hearEdit(gatewayId, sequence, edit)
        else this.repair()
      })
    }
  }

  #hearPresence(gatewayId: string, payload: Uint8Array): void {
    const present = this.#presence.receive(gatewayId, payload)
    // That somebody went may have been lost twice, once for each kind of presence.
    if (present) this.#awareness.removeGateway(gatewayId, present)
  }
}
