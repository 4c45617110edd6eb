import {
  type AnnouncedLimits,
  type BoardRole,
  type BoardSize,
  type ClientMessage,
  canEdit,
  type Frame,
  type ServerMessage,
} from '@mindfuse/protocol'
import { Assets } from '../assets/assets.ts'
import type { AssetTransfer } from '../assets/transfer.ts'
import type { Tokens } from '../auth/tokens.ts'
import { Connection } from '../connection/connection.ts'
import type { Hello } from '../connection/socket.ts'
import { type ConnectionState, deniedError } from '../connection/state.ts'
import { Drafts } from '../drafts/drafts.ts'
import { Emitter } from '../emitter.ts'
import type { Environment } from '../environment.ts'
import { MindfuseError } from '../errors.ts'
import { Presence } from '../presence/presence.ts'
import type { BoardStore, StoredBoard } from '../storage/board-store.ts'
import type { FileStore } from '../storage/file-store.ts'
import { DocSync } from '../sync/doc-sync.ts'
import { STORE_ORIGIN } from '../sync/origins.ts'
import { BoardDocument } from './board-document.ts'
import { Broadcasts } from './broadcasts.ts'
import { type BoardEvents, keepsEdits, type ResetReason } from './events.ts'
import { Persistence } from './persistence.ts'
import type { Replica } from './replica.ts'

/** The connection of a board. */
interface BoardConnection {
  hello: Hello
  message: Exclude<ServerMessage, Hello>
  online: Extract<ConnectionState, { kind: 'online' }>
}

/** What a session needs from its client. */
export interface BoardSessionDeps {
  /** The gateway's address of the board. */
  url: string
  tokens: Tokens
  environment: Environment
  maxHeartbeatSeconds: number
  store: BoardStore | undefined
  transfer: AssetTransfer
  files: FileStore | undefined
  onClosed: () => void
}

/**
 * Everything behind an open board: passes what the connection receives to the document, presence, drafts
 * and broadcasts, what they send to the connection, and every edit to local storage. Two unions hold
 * its state: {@link ConnectionState}, and whether the document is live, in a reset, or closed.
 */
export class BoardSession {
  readonly events = new Emitter<BoardEvents>()
  readonly presence: Presence
  readonly drafts: Drafts
  readonly broadcasts: Broadcasts
  readonly assets: Assets
  readonly #deps: BoardSessionDeps
  readonly #connection: Connection<BoardConnection>
  readonly #document: BoardDocument
  readonly #persistence: Persistence
  readonly #sync: DocSync
  /** What was kept is in the document before the gateway is heard, which is told what is there. */
  readonly #firstRead: Promise<void>
  /** What the gateway announced; undefined while the board is offline. */
  #limits: AnnouncedLimits | undefined
  #role: BoardRole | undefined
  #isSynced = false
  #wasSaved = true
  #wasDocumentSaved = true
  #isStorageDelayed = false
  #isPaused = false
  #size: BoardSize | undefined
  #name: string | undefined

  constructor(deps: BoardSessionDeps) {
    const { url, tokens, environment, maxHeartbeatSeconds } = deps
    this.#deps = deps
    const onError = (error: MindfuseError) => this.events.emit('error', error)
    this.#persistence = new Persistence(deps.store, onError)
    this.#connection = new Connection({
      url,
      tokens,
      environment,
      maxHeartbeatSeconds,
      ready: () => this.#firstRead,
      online: ({ connectionId, user, role, canBroadcast }) => {
        return { kind: 'online', connectionId, user, role, canBroadcast }
      },
      events: {
        state: (state) => this.#stateChanged(state),
        hello: (hello) => this.#connected(hello),
        message: (message) => this.#receive(message),
        frame: (frame) => this.#receiveFrame(frame),
        disconnected: () => this.#disconnected(),
      },
    })
    const send = (frame: Uint8Array) => this.#connection.send(frame)
    const sendText = (text: string) => this.#connection.sendText(text)
    const sendMessage = (message: ClientMessage) => sendText(JSON.stringify(message))
    this.presence = new Presence(sendMessage)
    this.drafts = new Drafts({
      send: sendMessage,
      bufferedBytes: () => this.#connection.bufferedBytes,
      isAlone: () => this.presence.others.length === 0,
      canEdit: () => this.canEdit,
    })
    this.broadcasts = new Broadcasts({ sendText, events: this.events })
    this.#document = new BoardDocument({
      onEdit: (update) => this.#edited(update),
      onRemote: (update) => this.#persistence.keepRemote(update),
      send,
      limits: () => this.#limits,
      onError,
      restore: (next, reason) =>
        keepsEdits(reason)
          ? this.#persistence.dropKnown()
          : this.#persistence.discardUnsaved((known) => next.apply(known, STORE_ORIGIN)),
      request: (next) => this.#sync.switchTo(next),
      replay: (reason) => this.#replay(reason),
      onResetting: (reason) => {
        if (keepsEdits(reason)) this.#sync.hold()
        if (keepsEdits(reason) || !this.#document.isEditable) this.#isSynced = false
        this.#notifySaved()
      },
      onReset: (change) => {
        this.events.emit('reset', change)
        this.#notifySaved()
      },
      onFailure: (cause, isGivenUp) => this.#failed(cause, isGivenUp),
    })
    this.#sync = new DocSync({
      replica: this.replica,
      send,
      bufferedBytes: () => this.#connection.bufferedBytes,
      random: environment.random,
      secret: () => this.#persistence.secret,
      onSynced: () => this.#synced(),
      onSaved: () => this.#notifySaved(),
      onTooLarge: () => this.events.emit('rejected', 'too_large'),
      onContradiction: () => this.#document.reset('client_id_taken'),
    })
    this.assets = new Assets({
      transfer: deps.transfer,
      store: deps.files,
      environment,
      name: url,
      isOnline: () => this.#limits !== undefined,
      canEdit: () => this.canEdit,
      mayEdit: () => this.#mayEdit,
      whyDenied: () => (this.status.kind === 'denied' ? deniedError(this.status) : undefined),
      onError,
    })
    this.assets.on('pending', () => this.#notifySaved())
    this.#firstRead = this.#readStore()
    void this.assets.read()
    this.connect()
  }

  /** The document that the application sees. */
  get replica(): Replica {
    return this.#document.current
  }

  get status(): ConnectionState {
    return this.#connection.state
  }

  get role(): BoardRole | undefined {
    return this.#role
  }

  get canEdit(): boolean {
    return this.#document.isEditable && this.#mayEdit
  }

  get isSaved(): boolean {
    return this.#isDocumentSaved && this.assets.areUploaded
  }

  get #isDocumentSaved(): boolean {
    // What was changed in a document that failed may be in no update.
    const isWhole = !this.replica.hasFailed && !this.replica.hasSilentEdit
    return this.#persistence.isRead && this.#sync.isSaved && !this.#document.isResetDue && isWhole
  }

  get isStorageDelayed(): boolean {
    return this.#isStorageDelayed
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  get size(): BoardSize | undefined {
    return this.#size
  }

  get name(): string | undefined {
    return this.#name
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  connect(): void {
    if (this.#document.isClosed) return
    this.#document.retry()
    this.#connection.connect()
  }

  /** The machine woke up, or has a network again. */
  wake(): void {
    this.#connection.wake()
  }

  discard(): void {
    this.#document.reset('discarded')
    this.assets.discard(new MindfuseError('discarded', 'Discarded with the edits'))
  }

  async forget(): Promise<void> {
    this.#end()
    await Promise.all([this.#persistence.forget(), this.assets.forget()])
  }

  async close(): Promise<void> {
    this.#end()
    await this.#persistence.close()
  }

  #readStore(): Promise<void> {
    return this.#persistence.read({
      stored: (stored) => this.#restored(stored),
      read: () => this.#notifySaved(),
    })
  }

  /** Local storage had something of an earlier page, or of another tab. */
  #restored({ known, unsaved }: StoredBoard): void {
    const changed = this.#sync.restore(known, unsaved)
    if (changed) this.#persistence.replaceUnsaved(changed)
    if (unsaved.length > 0) this.#resetIfReadOnly()
  }

  #connected(hello: Hello): void {
    this.#limits = hello.limits
    this.#changeRole(hello.role)
    this.presence.connected(hello)
    this.drafts.connected(hello)
    this.broadcasts.connected(hello.limits)
    this.#sync.connected(hello.limits)
    if (hello.board) this.#resized(hello.board)
    if (hello.boardName !== undefined) this.#named(hello.boardName)
    this.replica.awarenessRelay?.open(hello.limits)
    this.assets.connected(hello.limits)
    // Another tab may have stored an edit and closed before it could send it.
    void this.#readStore()
  }

  #disconnected(): void {
    this.#limits = undefined
    this.#sync.disconnected()
    // The next connection starts with the current state.
    this.#delayStorage(false)
    this.#pause(false)
    this.presence.disconnected()
    this.drafts.disconnected()
    this.broadcasts.disconnected()
    this.replica.awarenessRelay?.disconnected()
  }

  #receiveFrame(frame: Frame): void {
    if (frame.kind === 'awareness') this.replica.awarenessRelay?.receive(frame.update)
    else this.#sync.receive(frame, { canEdit: this.canEdit })
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'sync:ack':
        this.#sync.acknowledge(message.saved)
        break
      case 'sync:rejected':
        this.#sync.reject(message.seq, message.code)
        this.events.emit('rejected', message.code)
        if (message.code === 'read_only') this.#document.reset('read_only')
        break
      case 'storage':
        this.#delayStorage(message.state === 'delayed')
        break
      case 'access':
        this.#pause(message.state === 'unconfirmed')
        break
      case 'board:size':
        this.#resized(message)
        break
      case 'board:name':
        this.#named(message.name)
        break
      case 'role:changed':
        this.#rightsChanged(message)
        break
      default:
        if (!this.broadcasts.receive(message) && !this.drafts.receive(message)) {
          this.presence.receive(message)
        }
    }
  }

  #delayStorage(isDelayed: boolean): void {
    if (isDelayed === this.#isStorageDelayed) return
    this.#isStorageDelayed = isDelayed
    this.events.emit('storage', isDelayed)
  }

  #pause(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    // Edits were rejected meanwhile.
    if (!isPaused) this.#sync.sendUnsent()
    this.events.emit('paused', isPaused)
  }

  #resized({ bytes, maxBytes, share }: BoardSize): void {
    const isSmaller = this.#size !== undefined && share < this.#size.share
    this.#size = { bytes, maxBytes, share }
    // An edit that it was too full for may fit now.
    if (isSmaller) this.#sync.sendUnsent()
    this.events.emit('size', this.#size)
  }

  #named(name: string): void {
    if (name === this.#name) return
    this.#name = name
    this.events.emit('name', name)
  }

  #rightsChanged({ role, canBroadcast }: Pick<BoardConnection['hello'], 'role' | 'canBroadcast'>) {
    const { status } = this
    if (status.kind === 'online') this.#connection.update({ ...status, role, canBroadcast })
    this.#changeRole(role)
  }

  #changeRole(role: BoardRole): void {
    const hasChanged = role !== this.#role
    this.#role = role
    if (hasChanged) this.events.emit('role', role)
    if (!this.#mayEdit) this.drafts.discard()
    if (!this.#sync.isSaved) this.#resetIfReadOnly()
    this.assets.discardIfReadOnly()
    this.assets.resume()
  }

  #stateChanged(state: ConnectionState): void {
    if (state.kind === 'denied') this.assets.release(deniedError(state))
    this.events.emit('status', state)
  }

  #edited(update: Uint8Array): void {
    if (this.#resetIfReadOnly()) return
    this.#persistence.keepEdit(update)
    this.#sync.edit(update)
  }

  get #mayEdit(): boolean {
    return this.#role === undefined || canEdit(this.#role)
  }

  /** @returns whether edits are refused */
  #resetIfReadOnly(): boolean {
    if (this.#mayEdit) return false
    this.#document.reset('read_only')
    return true
  }

  /** Moves the unsaved edits to a new document. */
  #replay(reason: ResetReason): void {
    if (!keepsEdits(reason)) {
      // It became read-only, or the application discards, while a reset kept edits.
      if (this.#sync.discardHeld()) this.#persistence.replaceUnsaved([])
      return
    }
    const edits = this.#sync.replay()
    if (edits) this.#persistence.replaceUnsaved(edits)
    else this.#onError('edit_failed', 'A change could not be kept: the document fails on it')
  }

  /** Yjs failed. */
  #failed(cause: unknown, isGivenUp: boolean): void {
    const message = isGivenUp
      ? 'This board cannot be opened: its content is damaged'
      : 'This board had to be loaded again, and your latest change may be lost'
    this.#onError('document_failed', message, cause)
    if (isGivenUp) this.#connection.deny({ reason: 'document_failed', code: 'document_failed' })
    this.#notifySaved()
  }

  #onError(code: string, message: string, cause?: unknown): void {
    this.events.emit('error', new MindfuseError(code, message, { cause }))
  }

  #synced(): void {
    if (!this.#document.answered()) return
    this.#isSynced = true
    this.events.emit('synced')
  }

  #notifySaved(): void {
    const { isSaved } = this
    const isDocumentSaved = this.#isDocumentSaved
    if (isDocumentSaved && !this.#wasDocumentSaved) this.#persistence.markSaved()
    this.#wasDocumentSaved = isDocumentSaved
    if (isSaved === this.#wasSaved) return
    this.#wasSaved = isSaved
    this.events.emit('saved', isSaved)
  }

  #end(): void {
    if (this.#document.isClosed) return
    this.#sync.flush()
    this.#document.close()
    this.#connection.close()
    this.presence.clear()
    this.drafts.close()
    this.assets.close()
    this.#deps.onClosed()
  }
}
