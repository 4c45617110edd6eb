import {
  CLOSE_CODES,
  type ClientMessage,
  type CloseCode,
  decodeAwarenessUpdate,
  decodeFrame,
  encodeAwareness,
  encodeAwarenessUpdate,
  type Frame,
  MAX_AWARENESS_BYTES,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { PresenceStore, Relay } from '@mindfuse/shared-state'
import type { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import type { FlushWindow } from '../flush-window.ts'
import { AwarenessStates } from '../presence/awareness.ts'
import { BoardPresence } from '../presence/board-presence.ts'
import { BoardRelay } from '../relay/board-relay.ts'
import {
  decodeRelayedAwareness,
  encodeRelayedAwareness,
  RELAY_KINDS,
  type RelayMessage,
} from '../relay/envelope.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { UpdateWriter } from '../storage/update-writer.ts'
import { BoardSync } from '../sync/board-sync.ts'

/** Most bytes that one board's clients may send before its document is loaded. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024

/** What a room needs from the gateway. */
export interface RoomDeps {
  gatewayId: string
  api: ApiClient
  writer: UpdateWriter
  relay: Relay
  presenceStore: PresenceStore
  presenceWindow: FlushWindow
  log: Logger
  /** The room closed itself, because its document could not be had. */
  onClosed: () => void
}

/** What became of reading the board's document. Nothing is answered before it is open. */
type RoomState =
  | { kind: 'loading'; waiting: (() => void)[]; waitingBytes: number }
  | { kind: 'open'; sync: BoardSync }
  | { kind: 'closed' }

/** One open board: who is connected here, its document, and who is present anywhere. */
export class Room {
  readonly boardId: string
  readonly #deps: RoomDeps
  readonly #members = new Set<Connection>()
  readonly #relay: BoardRelay
  readonly #awareness = new AwarenessStates()
  readonly #presence: BoardPresence
  #state: RoomState = { kind: 'loading', waiting: [], waitingBytes: 0 }
  #repairing: Promise<void> | undefined

  constructor(boardId: string, deps: RoomDeps) {
    this.boardId = boardId
    this.#deps = deps
    const { gatewayId, log } = deps
    this.#relay = new BoardRelay(
      { boardId, gatewayId, relay: deps.relay, log },
      { onMessage: (message) => this.#hear(message), onGap: () => this.repair() },
    )
    this.#presence = new BoardPresence({
      boardId,
      gatewayId,
      members: this.#members,
      relay: this.#relay,
      store: deps.presenceStore,
      window: deps.presenceWindow,
      log,
    })
    void this.#load()
  }

  get isEmpty(): boolean {
    return this.#members.size === 0
  }

  /** Up to which stored update everything is here; undefined before the document is loaded. */
  get knownSeq(): number | undefined {
    return this.#state.kind === 'open' ? this.#state.sync.knownSeq : undefined
  }

  get otherGateways(): Set<string> {
    return this.#presence.otherGateways
  }

  join(connection: Connection): void {
    this.#members.add(connection)
    this.#presence.join(connection)
    if (this.#state.kind === 'open') this.#welcome(connection, this.#state.sync)
  }

  leave(connection: Connection): void {
    this.#members.delete(connection)
    this.#presence.leave(connection)
    this.#withdrawAwareness(connection.id, connection.userId, { isLocal: true })
  }

  /** Takes a binary frame in; its bytes are the caller's again when this returns. */
  receive(from: Connection, frame: Uint8Array): void {
    if (this.#state.kind === 'loading') this.#wait(from, frame, this.#state)
    else this.#handle(from, frame)
  }

  /** Somebody moved their cursor, selection or viewport. */
  present(from: Connection, message: ClientMessage): void {
    this.#presence.update(from, message)
  }

  /** A slow reader caught up: it gets anew what was withheld. */
  catchUp(connection: Connection): void {
    this.#presence.welcome(connection)
    this.#showAwareness(connection)
  }

  /** Own updates were stored. */
  stored(seq: number, count: number): void {
    if (this.#state.kind === 'open') this.#state.sync.stored(seq, count)
  }

  /** Fetches what is stored and not known here; at most one request at a time. */
  repair(): void {
    this.#repairing ??= this.#fetchMissing().finally(() => {
      this.#repairing = undefined
    })
  }

  /** Once a second or so: tells others who is here, and writes presence behind. */
  async keepUp({ hasForgotten }: { hasForgotten: boolean }): Promise<void> {
    if (hasForgotten) this.#presence.storeAll()
    await this.#presence.store()
  }

  /** Tells the other gateways everything about this one's connections. */
  announce(): void {
    this.#presence.announce()
    for (const member of this.#members) {
      const entries = this.#awareness.of(member.id)
      if (entries.length > 0) this.#relayAwareness(member, encodeAwarenessUpdate(entries))
    }
  }

  /** A gateway died: its connections are gone. @returns how many there were */
  removeGateway(gatewayId: string): number {
    this.#relay.forget(gatewayId)
    const connectionIds = this.#presence.removeGateway(gatewayId)
    for (const id of connectionIds) this.#withdrawAwareness(id, '', { isLocal: false })
    if (this.#state.kind === 'open') this.#state.sync.inherit(gatewayId)
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
    const { api, log } = this.#deps
    try {
      // First the line to the others, so that nothing passes between the two.
      await this.#relay.open()
      this.#relay.send(RELAY_KINDS.QUERY, new Uint8Array())
      const [stored] = await Promise.all([api.document(this.boardId, 0), this.#presence.load()])
      if (this.#state.kind !== 'loading') return
      if (!stored) {
        this.close(CLOSE_CODES.BOARD_GONE, 'the board is gone')
        return
      }
      const { waiting } = this.#state
      const members = this.#members
      const sync = new BoardSync(stored, {
        boardId: this.boardId,
        members,
        writer: this.#deps.writer,
        relay: this.#relay,
        log,
      })
      this.#state = { kind: 'open', sync }
      for (const member of members) this.#welcome(member, sync)
      for (const handle of waiting) handle()
    } catch (error) {
      log.error({ err: error, boardId: this.boardId }, 'board cannot be loaded')
      this.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board cannot be loaded')
    }
  }

  #wait(from: Connection, frame: Uint8Array, state: RoomState & { kind: 'loading' }): void {
    state.waitingBytes += frame.length
    if (state.waitingBytes > MAX_WAITING_BYTES) {
      from.close(CLOSE_CODES.STORAGE_UNAVAILABLE, 'the board is still loading')
      return
    }
    const kept = frame.slice()
    // Also for somebody who has left meanwhile: they may have drawn before they went.
    state.waiting.push(() => this.#handle(from, kept))
  }

  #welcome(connection: Connection, sync: BoardSync): void {
    sync.ask(connection)
    this.#showAwareness(connection)
  }

  #showAwareness(connection: Connection): void {
    const { entries } = this.#awareness
    if (entries.length > 0) {
      connection.sendPresence(encodeAwareness(encodeAwarenessUpdate(entries)), true)
    }
  }

  #handle(from: Connection, bytes: Uint8Array): void {
    guardFrame(from, this.#deps.log, () => this.#dispatch(from, decodeFrame(bytes)))
  }

  #dispatch(from: Connection, frame: Frame): void {
    if (this.#state.kind !== 'open') return
    const { sync } = this.#state
    switch (frame.kind) {
      case 'sync-step-1':
        sync.answer(from, frame.stateVector)
        break
      case 'sync-step-2':
      case 'update':
        sync.edit(from, frame.kind, frame.update)
        break
      case 'awareness':
        this.#receiveAwareness(from, frame.update)
        break
      case 'query-awareness':
        this.#showAwareness(from)
        break
    }
  }

  #receiveAwareness(from: Connection, update: Uint8Array): void {
    if (update.length > MAX_AWARENESS_BYTES) {
      from.close(CLOSE_CODES.TOO_LARGE, `awareness has at most ${MAX_AWARENESS_BYTES} bytes`)
      return
    }
    if (from.isClosed) return
    // The newest is not kept back for the next window, so past its rate a sender is told to wait.
    if (!from.awareness.take()) {
      from.close(CLOSE_CODES.RATE_LIMITED, 'too many awareness frames')
      return
    }
    const accepted = this.#awareness.receive(from, decodeAwarenessUpdate(update))
    if (accepted.length === 0) return
    const acceptedUpdate = encodeAwarenessUpdate(accepted)
    // Back to the sender too: the stock provider takes its own echo as a sign of life.
    this.#broadcastAwareness(acceptedUpdate)
    this.#relayAwareness(from, acceptedUpdate)
  }

  #withdrawAwareness(
    connectionId: string,
    userId: string,
    { isLocal }: { isLocal: boolean },
  ): void {
    const gone = this.#awareness.removeOwner(connectionId)
    if (gone.length === 0) return
    const update = encodeAwarenessUpdate(gone)
    this.#broadcastAwareness(update)
    if (isLocal) this.#relayAwareness({ id: connectionId, userId, connectedAt: 0 }, update)
  }

  #broadcastAwareness(update: Uint8Array): void {
    const frame = encodeAwareness(update)
    for (const member of this.#members) member.sendPresence(frame, true)
  }

  #relayAwareness(
    origin: { id: string; userId: string; connectedAt: number },
    update: Uint8Array,
  ): void {
    this.#relay.send(RELAY_KINDS.AWARENESS, encodeRelayedAwareness(origin, update))
  }

  /** Another gateway said something. */
  #hear({ gatewayId, kind, payload }: RelayMessage): void {
    switch (kind) {
      case RELAY_KINDS.EDIT:
        // Before the document is loaded, what is relayed is stored by the time it is.
        if (this.#state.kind === 'loading') this.#state.waiting.push(() => this.repair())
        else this.#hearEdit(gatewayId, payload)
        break
      case RELAY_KINDS.PRESENCE:
        this.#presence.receive(gatewayId, payload)
        break
      case RELAY_KINDS.AWARENESS:
        this.#hearAwareness(payload)
        break
      case RELAY_KINDS.QUERY:
        this.announce()
        break
    }
  }

  #hearEdit(gatewayId: string, payload: Uint8Array): void {
    if (this.#state.kind !== 'open') return
    if (this.#state.sync.hear(gatewayId, payload) === 'gap') this.repair()
  }

  #hearAwareness(payload: Uint8Array): void {
    try {
      const { update, ...owner } = decodeRelayedAwareness(payload)
      const accepted = this.#awareness.receive(owner, decodeAwarenessUpdate(update))
      if (accepted.length > 0) this.#broadcastAwareness(encodeAwarenessUpdate(accepted))
    } catch (error) {
      this.#deps.log.warn({ err: error, boardId: this.boardId }, 'relayed awareness cannot be read')
    }
  }

  async #fetchMissing(): Promise<void> {
    const { api, log } = this.#deps
    const { boardId } = this
    try {
      if (this.#state.kind !== 'open') return
      const stored = await api.document(boardId, this.#state.sync.knownSeq)
      if (this.#state.kind !== 'open') return
      if (stored) this.#state.sync.catchUp(stored)
      else this.close(CLOSE_CODES.BOARD_GONE, 'the board is gone')
    } catch (error) {
      // The next round of the anti-entropy tries again.
      log.warn({ err: error, boardId }, 'missed updates cannot be fetched')
    }
  }
}
