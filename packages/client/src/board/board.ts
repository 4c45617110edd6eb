import {
  type BoardRole,
  type ClientMessage,
  canEdit,
  type Frame,
  type ServerMessage,
} from '@mindfuse/protocol'
import type { Awareness } from 'y-protocols/awareness'
import type { Doc, UndoManager } from 'yjs'
import type { Tokens } from '../auth/tokens.ts'
import { Connection } from '../connection/connection.ts'
import type { Hello } from '../connection/line.ts'
import type { ConnectionState } from '../connection/state.ts'
import { Emitter } from '../emitter.ts'
import type { Environment } from '../environment.ts'
import { MindfuseError } from '../errors.ts'
import { Presence } from '../presence/presence.ts'
import type { BoardStore } from '../storage/board-store.ts'
import { DocSync } from '../sync/doc-sync.ts'
import { type BroadcastOptions, Broadcasts } from './broadcasts.ts'
import type { BoardEvents, ResetReason } from './events.ts'
import { Persistence } from './persistence.ts'
import { Replica } from './replica.ts'
import { Rollback } from './rollback.ts'
import { until } from './until.ts'

/** What a board needs from its client. */
export interface BoardDeps {
  id: string
  /** The gateway's address of the board. */
  url: string
  tokens: Tokens
  environment: Environment
  maxHeartbeatSeconds: number
  store: BoardStore | undefined
  onClosed: () => void
}

/** A board that is open here: its document, who is on it, and what of it is saved. */
export class Board {
  readonly id: string
  readonly presence: Presence
  readonly #deps: BoardDeps
  readonly #events = new Emitter<BoardEvents>()
  readonly #connection: Connection
  readonly #broadcasts: Broadcasts
  readonly #persistence: Persistence
  readonly #sync: DocSync
  readonly #rollback: Rollback
  #replica: Replica
  #role: BoardRole | undefined
  #isSynced = false
  #wasSaved = true
  #isStorageDelayed = false
  #isClosed = false

  /** Opens it; {@link Client.board} does so. @internal */
  constructor(deps: BoardDeps) {
    const { id, url, tokens, environment, maxHeartbeatSeconds } = deps
    this.id = id
    this.#deps = deps
    this.#persistence = new Persistence(deps.store, (error) => this.#events.emit('error', error))
    this.#rollback = new Rollback({
      newReplica: () => this.#newReplica(),
      read: (next) => this.#persistence.startOver(next.doc),
      ask: (next) => this.#sync.startOver(next.doc),
      swap: (next, reason) => this.#swap(next, reason),
      onBegin: () => {
        if (this.#rollback.next) this.#isSynced = false
        this.#tellSaved()
      },
    })
    this.#replica = this.#newReplica()
    this.#connection = new Connection({
      url,
      tokens,
      environment,
      maxHeartbeatSeconds,
      events: {
        state: (state) => this.#events.emit('status', state),
        hello: (hello) => this.#open(hello),
        message: (message) => this.#receive(message),
        frame: (frame) => this.#receiveFrame(frame),
        down: () => this.#down(),
      },
    })
    const say = (message: ClientMessage) => this.#connection.say(message)
    this.presence = new Presence(say)
    this.#broadcasts = new Broadcasts({ say, events: this.#events })
    this.#sync = new DocSync({
      doc: this.#replica.doc,
      send: (frame) => this.#connection.send(frame),
      bufferedBytes: () => this.#connection.bufferedBytes,
      random: environment.random,
      onSynced: () => this.#synced(),
      onSaved: () => this.#tellSaved(),
    })
    void this.#start()
  }

  /** Calls `listener` at each event. @returns a function that ends that */
  readonly on: Emitter<BoardEvents>['on'] = (event, listener) => this.#events.on(event, listener)

  /** The document. After `reset` it is another object. */
  get doc(): Doc {
    return this.#replica.doc
  }

  /** For bindings that want a y-protocols Awareness; it belongs to {@link doc}. */
  get awareness(): Awareness {
    return this.#replica.awareness
  }

  /** Undoes what was drawn here; it belongs to {@link doc}. */
  get undoManager(): UndoManager {
    return this.#replica.undoManager
  }

  /** How the connection is. */
  get status(): ConnectionState {
    return this.#connection.state
  }

  /** One's role on the board, as far as it was told. */
  get role(): BoardRole | undefined {
    return this.#role
  }

  /**
   * Whether one may draw. Before the role was told one may, and hears later if not. One may not
   * while the board goes back to the server's state.
   */
  get canEdit(): boolean {
    if (this.#isClosed || this.#rollback.next) return false
    return this.#role === undefined || canEdit(this.#role)
  }

  /** Whether what one broadcasts now is handed on. A change of it is told with `status`. */
  get canBroadcast(): boolean {
    return this.status.kind === 'online' && this.status.canBroadcast
  }

  /** Whether everything that was drawn here is stored on the server. Never true too early. */
  get saved(): boolean {
    return this.#persistence.isRead && this.#sync.isSaved && !this.#rollback.isWaiting
  }

  /** Whether the server cannot store what is drawn right now: others see it, and it is saved later. */
  get isStorageDelayed(): boolean {
    return this.#isStorageDelayed
  }

  /** Whether everything that the server had when it was last asked is here. */
  get synced(): boolean {
    return this.#isSynced
  }

  /** Draws in one transaction. @throws MindfuseError `read_only` where one {@link canEdit} not */
  edit<Result>(draw: (doc: Doc) => Result): Result {
    if (!this.canEdit) throw new MindfuseError('read_only', 'one cannot draw on this board now')
    return this.doc.transact(() => draw(this.doc))
  }

  /** Takes the last thing back that was drawn here. @returns whether there was anything */
  undo(): boolean {
    return this.canEdit && this.undoManager.undo() !== null
  }

  /** Draws again what was taken back. @returns whether there was anything */
  redo(): boolean {
    return this.canEdit && this.undoManager.redo() !== null
  }

  /**
   * Says something to everybody else who is on the board now. It is kept nowhere, and not repeated:
   * without a line it is lost. Where it is refused, `error` tells.
   *
   * @param event a name of the application's, of at most 64 characters
   * @param payload anything that JSON can say; with its frame at most 16 KiB
   * @returns whether there was a line to send it on
   * @throws MindfuseError `too_large`
   */
  broadcast(event: string, payload?: unknown, options?: BroadcastOptions & { ack?: false }): boolean
  /**
   * Resolves when it was handed on, to whoever was there.
   * @throws MindfuseError `network_error` without a line, `forbidden`, `too_large`, `rate_limited`, or
   * `relay_unavailable` where only those on the same gateway heard it
   */
  broadcast(
    event: string,
    payload: unknown,
    options: BroadcastOptions & { ack: true },
  ): Promise<void>
  broadcast(
    event: string,
    payload?: unknown,
    { ack = false, ...options }: BroadcastOptions & { ack?: boolean } = {},
  ): boolean | Promise<void> {
    return ack
      ? this.#broadcasts.confirm(event, payload, options)
      : this.#broadcasts.send(event, payload, options)
  }

  /** Connects at once, where it waits to or was denied. */
  connect(): void {
    if (!this.#isClosed) this.#connection.connect()
  }

  /** Resolves when the document is here. @throws MindfuseError where that will not be */
  whenSynced(options: { signal?: AbortSignal } = {}): Promise<void> {
    return until(this, () => this.#isSynced, options)
  }

  /** Resolves when everything that was drawn is stored. @throws MindfuseError where it is denied */
  whenSaved(options: { signal?: AbortSignal } = {}): Promise<void> {
    return until(this, () => this.saved, options)
  }

  /** Gives up what was drawn here and is not stored, as after `rejected`. */
  discard(): void {
    this.#rollback.begin('discarded')
  }

  /** Closes the board, and deletes what this machine kept of it. */
  async forget(): Promise<void> {
    this.#end()
    await this.#persistence.forget()
  }

  /** Leaves the board. What is not stored yet stays on this machine, where it is kept at all. */
  async close(): Promise<void> {
    this.#end()
    await this.#persistence.close()
  }

  /** The machine woke up, or has a network again. @internal */
  wake(): void {
    this.#connection.wake()
  }

  async #start(): Promise<void> {
    await this.#read()
    this.connect()
  }

  /** The document holds something of an earlier page, or of another tab, that may not be stored. */
  #owe(): void {
    this.#sync.owe()
    if (!this.canEdit) this.#rollback.begin('read_only')
  }

  #read(): Promise<void> {
    const on = { unsaved: () => this.#owe(), read: () => this.#tellSaved() }
    return this.#persistence.read(this.doc, on)
  }

  #newReplica(): Replica {
    const replica: Replica = new Replica({
      onEdit: (update) => this.#edited(replica, update),
      onRemote: (update) => {
        // Of two documents that hear the same, the newer one is that which is kept.
        if (replica === (this.#rollback.next ?? this.#replica)) this.#persistence.keepRemote(update)
      },
      send: (frame) => this.#connection.send(frame),
      isOnline: () => this.#connection.state.kind === 'online',
      onError: (error) => this.#events.emit('error', error),
    })
    return replica
  }

  #open(hello: Hello): void {
    this.#changeRole(hello.role)
    this.presence.open(hello)
    this.#broadcasts.open(hello.limits)
    this.#sync.open(hello.limits)
    this.#replica.awarenessRelay?.open()
    // Another tab may have kept something and closed before it could be sent.
    void this.#read()
  }

  #down(): void {
    this.#sync.close()
    // Nobody tells of it any more; who connects again is told anew.
    this.#delayStorage(false)
    this.presence.down()
    this.#broadcasts.down()
    this.#replica.awarenessRelay?.down()
  }

  #receiveFrame(frame: Frame): void {
    if (frame.kind === 'awareness') this.#replica.awarenessRelay?.receive(frame.update)
    else this.#sync.receive(frame, { mayEdit: this.canEdit })
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'sync:ack':
        this.#sync.acknowledge(message.saved)
        break
      case 'sync:rejected':
        this.#sync.refuse(message.seq, message.code)
        this.#events.emit('rejected', message.code)
        if (message.code === 'read_only') this.#rollback.begin('read_only')
        break
      case 'storage':
        this.#delayStorage(message.state === 'delayed')
        break
      case 'role:changed':
        this.#changeRole(message.role)
        break
      default:
        if (!this.#broadcasts.receive(message)) this.presence.receive(message)
    }
  }

  #delayStorage(isDelayed: boolean): void {
    if (isDelayed === this.#isStorageDelayed) return
    this.#isStorageDelayed = isDelayed
    this.#events.emit('storage', isDelayed)
  }

  #changeRole(role: BoardRole): void {
    const isOther = role !== this.#role
    this.#role = role
    if (isOther) this.#events.emit('role', role)
    if (!this.canEdit && !this.#sync.isSaved) this.#rollback.begin('read_only')
  }

  #edited(replica: Replica, update: Uint8Array): void {
    // What is drawn on a document that is about to be replaced goes with it.
    if (replica !== this.#replica || this.#rollback.next) return
    if (!this.canEdit) {
      this.#rollback.begin('read_only')
      return
    }
    this.#persistence.keepEdit(update)
    this.#sync.edit(update)
  }

  #synced(): void {
    if (!this.#rollback.answered()) return
    this.#isSynced = true
    this.#events.emit('synced')
  }

  #swap(next: Replica, reason: ResetReason): void {
    const { doc: refused } = this.#replica
    const hadAwareness = this.#replica.awarenessRelay !== undefined
    this.#replica.release()
    this.#replica = next
    if (hadAwareness) next.awareness.setLocalState({})
    this.#events.emit('reset', { doc: next.doc, refused, reason })
  }

  #tellSaved(): void {
    const isSaved = this.saved
    if (isSaved === this.#wasSaved) return
    this.#wasSaved = isSaved
    if (isSaved) this.#persistence.markSaved()
    this.#events.emit('saved', isSaved)
  }

  #end(): void {
    if (this.#isClosed) return
    this.#sync.flush()
    this.#isClosed = true
    this.#rollback.stop()
    this.#replica.release()
    this.#connection.close()
    this.presence.clear()
    this.#deps.onClosed()
  }
}
