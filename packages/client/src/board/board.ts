import type { BoardRole, BoardSize } from '@mindfuse/protocol'
import type { Awareness } from 'y-protocols/awareness'
import type { Doc, UndoManager } from 'yjs'
import type { Assets } from '../assets/assets.ts'
import type { ConnectionState } from '../connection/state.ts'
import type { Drafts } from '../drafts/drafts.ts'
import type { Emitter } from '../emitter.ts'
import { MindfuseError } from '../errors.ts'
import type { Presence } from '../presence/presence.ts'
import type { BoardSession } from './board-session.ts'
import type { BroadcastOptions } from './broadcasts.ts'
import type { BoardEvents } from './events.ts'
import { waitUntil } from './wait-until.ts'

/**
 * An open board: its document, who is on it, and which edits are saved.
 *
 * @example
 * ```ts
 * const board = client.board(boardId)
 * await board.whenSynced()
 * board.edit((doc) => doc.getMap('shapes').set('circle', { x: 10, y: 20 }))
 * await board.whenSaved()
 * ```
 */
export class Board {
  readonly id: string
  /** Who is on the board, with their cursors, selections and viewports. */
  readonly presence: Presence
  /** What is being drawn now, before it is in the document. */
  readonly drafts: Drafts
  /** The files beside the document: pictures, mostly. */
  readonly assets: Assets
  readonly #session: BoardSession

  /** {@link Client.board} opens it. @internal */
  constructor(id: string, session: BoardSession) {
    this.id = id
    this.presence = session.presence
    this.drafts = session.drafts
    this.assets = session.assets
    this.#session = session
  }

  /**
   * Calls `listener` at each event. @returns a function that removes the listener
   *
   * @example
   * ```ts
   * const stop = board.on('saved', (isSaved) => show(isSaved ? 'Saved' : 'Saving…'))
   * stop()
   * ```
   */
  readonly on: Emitter<BoardEvents>['on'] = (event, listener) =>
    this.#session.events.on(event, listener)

  /** The document. A `reset` replaces it with a new object. */
  get doc(): Doc {
    return this.#session.replica.doc
  }

  /**
   * For bindings that want a y-protocols Awareness, such as text editors; it belongs to {@link doc}.
   *
   * @example
   * ```ts
   * board.awareness.setLocalStateField('user', { name: 'Ada', color: '#30a46c' })
   * ```
   */
  get awareness(): Awareness {
    return this.#session.replica.awareness
  }

  /**
   * Undoes local edits, never those of others; it belongs to {@link doc}. It tracks transactions without
   * an origin, and those whose origin you add.
   *
   * @example
   * ```ts
   * board.undoManager.addTrackedOrigin('toolbar')
   * board.doc.transact(() => board.doc.getMap('shapes').set('dot', 1), 'toolbar')
   * board.undo()
   * ```
   */
  get undoManager(): UndoManager {
    return this.#session.replica.undoManager
  }

  /** The state of the connection. */
  get status(): ConnectionState {
    return this.#session.status
  }

  /** Your role on the board; `undefined` until the board was online once. */
  get role(): BoardRole | undefined {
    return this.#session.role
  }

  /**
   * Whether you can edit. True until the role is known: edits of a viewer or commenter are then taken back. False
   * while the board is being reset to the server's state.
   */
  get canEdit(): boolean {
    return this.#session.canEdit
  }

  /** Whether a broadcast would be delivered now. A change is announced with `status`. */
  get canBroadcast(): boolean {
    return this.status.kind === 'online' && this.status.canBroadcast
  }

  /** Whether every local edit, and every file that was added, is stored on the server. Never true too early. */
  get saved(): boolean {
    return this.#session.isSaved
  }

  /** Whether the server is currently unable to store edits: others see them, and they are saved later. */
  get isStorageDelayed(): boolean {
    return this.#session.isStorageDelayed
  }

  /**
   * Whether the server currently cannot confirm who has access to the board: nothing is received, and edits
   * are sent once it can. You stay connected.
   */
  get isPaused(): boolean {
    return this.#session.isPaused
  }

  /**
   * How full the board is, as of the last `size` event; `undefined` until the board was online once. Beyond
   * a `share` of 1 edits are rejected with `board_full`, until something is deleted.
   *
   * @example
   * ```ts
   * board.on('size', ({ share }) => show(share > 0.8 ? `${Math.round(100 * share)} % full` : ''))
   * ```
   */
  get size(): BoardSize | undefined {
    return this.#session.size
  }

  /**
   * What the board is called; `undefined` until the board was online once.
   *
   * @example
   * ```ts
   * board.on('name', (name) => show(name))
   * ```
   */
  get name(): string | undefined {
    return this.#session.name
  }

  /** Whether the document has everything that the server had when it was last asked. */
  get synced(): boolean {
    return this.#session.isSynced
  }

  /**
   * Edits the document in one transaction.
   *
   * @throws MindfuseError `read_only` unless {@link canEdit}
   *
   * @example
   * ```ts
   * const count = board.edit((doc) => {
   *   doc.getMap('shapes').set('square', { x: 0, y: 0 })
   *   return doc.getMap('shapes').size
   * })
   * show(`${count} shapes`)
   * ```
   */
  edit<Result>(change: (doc: Doc) => Result): Result {
    if (!this.canEdit) throw new MindfuseError('read_only', 'This board is read-only')
    return this.doc.transact(() => change(this.doc))
  }

  /**
   * Undoes your last edit. @returns whether there was one
   *
   * @example
   * ```ts
   * board.edit((doc) => doc.getMap('shapes').set('line', { length: 5 }))
   * show(board.undo() && board.redo())
   * ```
   */
  undo(): boolean {
    return this.canEdit && this.undoManager.undo() !== null
  }

  /** Redoes what was last undone. @returns whether there was anything */
  redo(): boolean {
    return this.canEdit && this.undoManager.redo() !== null
  }

  /**
   * Sends a message to everyone else who is on the board now. It is not stored and not retried: while
   * the board is offline it is lost. A rejection is reported with `error`.
   *
   * @param event a name of your choice, 1 to 64 characters
   * @param payload any JSON; with its frame at most 16 KiB
   * @returns whether it was sent
   * @throws MindfuseError `too_large`
   *
   * @example
   * ```ts
   * board.on('broadcast:laser', ({ payload, user }) => show([user.name, payload]))
   * const isSent = board.broadcast('laser', { x: 12, y: 7 })
   * show(isSent)
   * ```
   */
  broadcast(event: string, payload?: unknown, options?: BroadcastOptions & { ack?: false }): boolean
  /**
   * Resolves when the message was delivered to everyone on the board.
   *
   * @throws MindfuseError `network_error` while offline, `forbidden`, `too_large`, `rate_limited`, or
   * `relay_unavailable` if only clients on the same gateway received it
   *
   * @example
   * ```ts
   * await board.broadcast('reaction', '🎉', { self: true, ack: true })
   * ```
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
    const { broadcasts } = this.#session
    return ack
      ? broadcasts.sendWithAck(event, payload, options)
      : broadcasts.send(event, payload, options)
  }

  /** Connects immediately: skips the reconnect delay, and tries again after `denied`. */
  connect(): void {
    this.#session.connect()
  }

  /**
   * Resolves when the document has everything that the server has.
   *
   * @throws MindfuseError if the board is denied or closed
   *
   * @example
   * ```ts
   * await board.whenSynced({ signal: AbortSignal.timeout(5_000) })
   * ```
   */
  whenSynced(options: { signal?: AbortSignal } = {}): Promise<void> {
    return waitUntil(this, () => this.synced, options)
  }

  /**
   * Resolves when every local edit, and every file that was added, is stored on the server.
   *
   * @throws MindfuseError if the board is denied or closed
   */
  whenSaved(options: { signal?: AbortSignal } = {}): Promise<void> {
    return waitUntil(this, () => this.saved, options)
  }

  /**
   * Discards unsaved edits, and files that wait for their upload, for example after `rejected`; `reset` follows once the board is online.
   *
   * @example
   * ```ts
   * board.on('rejected', (code) => {
   *   if (['too_large', 'too_complex', 'board_full'].includes(code)) board.discard()
   * })
   * ```
   */
  discard(): void {
    this.#session.discard()
  }

  /** Closes the board and deletes what this machine stored of it. */
  forget(): Promise<void> {
    return this.#session.forget()
  }

  /** Leaves the board. Unsaved edits and files stay on this machine if `userId` was given. */
  close(): Promise<void> {
    return this.#session.close()
  }
}
