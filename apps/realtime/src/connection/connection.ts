import { randomUUID } from 'node:crypto'
import {
  type BoardRole,
  CLOSE_CODES,
  type CloseCode,
  type PresenceUser,
  type ServerMessage,
} from '@mindfuse/protocol'
import type { DocumentFrame } from '../document/document-frame.ts'
import type { FlushWindow } from '../flush-window.ts'
import { steadyTime } from '../steady-time.ts'
import { Acknowledgement } from './acknowledgement.ts'
import type { Backlog } from './backlog.ts'
import { BroadcastLedger } from './broadcast-ledger.ts'
import { EditLedger } from './edit-ledger.ts'
import { encodeMessage, type TextMessage } from './encode-message.ts'
import type { Grant } from './grant.ts'
import type { Hold } from './hold.ts'
import { extendLease, type Lease } from './lease.ts'
import { Outbox } from './outbox.ts'
import { Rates } from './rates.ts'
import type { Sent, StateKind } from './traffic.ts'
import type { UnreadDocuments } from './unread-documents.ts'
import type { Wire } from './wire.ts'

/** A reader that is further behind, bytes, gets no presence and no broadcast until it catches up. */
const PRESENCE_SHED_BYTES = 64 * 1024

/** A reader that is further behind, bytes, is closed; when it reconnects, its state vector tells. */
export const SEND_BUDGET_BYTES = 8 * 1024 * 1024

/** What a reader is behind counts from here on, bytes: pieces of documents stay below. */
const MIN_BACKLOG_BYTES = 256 * 1024

/** How a connection was negotiated, and what it shares with the others. */
export interface ConnectionOptions {
  /** Of a channel, which shares a socket. */
  topic?: string
  hasText: boolean
  isLarge: boolean
  digest: string | undefined
  /** How long it is not to be asked for what the board lacks: it may not fit into a frame. */
  oversizedForMs: number
  ackWindow: FlushWindow
  sent: Sent
  unread: UnreadDocuments
  /** Undefined where the socket's own connection counts what is not read. */
  backlog: Backlog | undefined
  hold: Hold
  /** Of a channel that was joined before: its rate goes on. */
  broadcasts?: BroadcastLedger | undefined
}

/**
 * One admitted socket, or one channel of a socket: what its user may do, and everything sent to it. uWebSockets.js throws when
 * a socket is used after its end, and `end` calls the close handler before it returns; both stay in
 * here.
 */
export class Connection {
  readonly id = randomUUID()
  /** See {@link steadyTime}. */
  readonly connectedAt = Math.floor(steadyTime())
  /** The place that it is admitted to: a board, but for channels, see `placeSchema`. */
  readonly boardId: string
  /** The channel that it is of; undefined for a socket of its own. */
  readonly topic: string | undefined
  /** Whether text frames were negotiated (`whiteboard.v1`). */
  readonly hasText: boolean
  /** Whether it takes edits of any size. */
  readonly isLarge: boolean
  /** The digest of the document that the client holds, where it sent one. */
  readonly digest: string | undefined
  /** How long it is not to be asked for what the board lacks, milliseconds from its beginning. */
  readonly oversizedForMs: number
  readonly rates = new Rates()
  /** Counts the edit frames of clients with text frames, for `sync:ack`. */
  readonly ledger: EditLedger | undefined
  /** How long it may stay open; `auth:refresh` replaces it. */
  lease: Lease
  /** The board's access version that the role was read at. */
  accessVersion: number
  readonly #socket: Wire
  readonly #ackWindow: FlushWindow
  readonly #acknowledgement: Acknowledgement | undefined
  readonly #sent: Sent
  readonly #unread: UnreadDocuments
  readonly #backlog: Backlog | undefined
  /** How much of the backlog is counted for it, bytes. */
  #backlogBytes = 0
  readonly #outbox: Outbox
  readonly #hold: Hold
  /** Releases what unread documents hold, the oldest first. */
  #releases: (() => void)[] | undefined
  #broadcasts: BroadcastLedger | undefined
  #user: PresenceUser
  #role: BoardRole
  #canBroadcast: boolean
  #isClosed = false
  /** Whether what it did not read stays in memory once it is closed. */
  #keepsBacklog = false
  #isShownHeld = false
  /** Whether presence was withheld since the reader last caught up. */
  #isBehind = false

  constructor(socket: Wire, grant: Grant, options: ConnectionOptions) {
    this.#socket = socket
    this.topic = options.topic
    this.#ackWindow = options.ackWindow
    this.#sent = options.sent
    this.#unread = options.unread
    this.#backlog = options.backlog
    this.#hold = options.hold
    this.#broadcasts = options.broadcasts
    this.#outbox = new Outbox(socket, options.hold)
    this.hasText = options.hasText
    this.isLarge = options.isLarge
    this.digest = options.digest
    this.oversizedForMs = options.oversizedForMs
    this.boardId = grant.boardId
    this.#user = grant.user
    this.lease = grant.lease
    this.accessVersion = grant.version
    this.#role = grant.role
    this.#canBroadcast = grant.canBroadcast
    if (options.hasText && this.topic === undefined) {
      this.ledger = new EditLedger()
      this.#acknowledgement = new Acknowledgement(this.ledger, this)
    }
  }

  get user(): PresenceUser {
    return this.#user
  }

  get userId(): string {
    return this.#user.id
  }

  get sessionId(): string {
    return this.lease.sessionId
  }

  get role(): BoardRole {
    return this.#role
  }

  get canBroadcast(): boolean {
    return this.#canBroadcast
  }

  get broadcasts(): BroadcastLedger {
    this.#broadcasts ??= new BroadcastLedger()
    return this.#broadcasts
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether nothing is delivered and nothing taken in until the API confirms who may do what. */
  get isHeld(): boolean {
    return this.#outbox.isHeld || this.#hold.isHeld
  }

  /** Whether it is held on its own account. */
  get isDoubted(): boolean {
    return this.#outbox.isHeld
  }

  /** Whether parts of the document's memory are still on their way to the reader. */
  get isReceivingDocument(): boolean {
    return this.#outbox.hasDocument
  }

  /** Whether everything that it lacked is, as it asked. */
  get isReceivingAnswer(): boolean {
    return this.#outbox.hasAnswer
  }

  /** Sends a binary frame. A reader too far behind is closed: a gap would leave it silently wrong. */
  send(frame: Uint8Array): void {
    if (this.#isClosed || this.#isTooSlow()) return
    this.#sent.sync.add(frame.length)
    this.#outbox.send(frame, true)
  }

  /** Sends a large edit, in parts of the document's memory: as a document, but nobody asked for it. */
  sendLargeEdit(frame: DocumentFrame): void {
    if (this.#isClosed || this.#isTooSlow()) return
    this.#sent.sync.add(frame.length)
    this.#outbox.sendLargeEdit(frame)
  }

  /**
   * Sends a frame of a document that the reader asked for. Whatever its size, it does not count as
   * being behind: it leaves as fast as the reader takes it, and later frames queue behind it.
   */
  sendDocument(frame: DocumentFrame): void {
    if (this.#isClosed || this.#isTooSlow()) return
    this.#sent.sync.add(frame.length)
    const release = this.#unread.hold(this.userId, frame.ownBytes)
    if (!release) {
      this.#outbox.sendDocument(frame)
      return
    }
    this.#releases ??= []
    this.#releases.push(release)
    this.#outbox.sendDocument(frame, () => this.#releases?.shift()?.())
  }

  /**
   * Sends state that a newer frame of the same kind replaces, unless the reader is behind: then it
   * gets the whole state once it has caught up.
   *
   * @param kind awareness is binary, everything else is text
   * @returns whether it was sent
   */
  sendPresence(frame: Uint8Array, kind: StateKind): boolean {
    const isBinary = kind === 'awareness'
    if (this.#isClosed || (!isBinary && !this.hasText)) return false
    if (this.#mustShed()) {
      this.#isBehind = true
      return false
    }
    this.#sent[kind].add(frame.length)
    this.#outbox.send(frame, isBinary)
    return true
  }

  /** Sends a broadcast, unless the reader is behind: it is worthless later. */
  sendBroadcast(frame: Uint8Array): void {
    if (this.#isClosed || !this.hasText || this.#mustShed()) return
    this.#sent.broadcast.add(frame.length)
    this.#outbox.send(frame, false)
  }

  /** Sends a text frame to a client that negotiated them. On a channel it has the topic. */
  sendMessage(message: TextMessage): void {
    if (this.#isClosed || !this.hasText || this.#isTooSlow()) return
    const frame = encodeMessage(message, this.topic)
    const { presence, message: other } = this.#sent
    const traffic = message.type.startsWith('presence:') ? presence : other
    traffic.add(frame.length)
    this.#outbox.send(frame, false)
  }

  /** Sends a text frame that says nothing of the board, also while delivery is held. */
  sendNotice(message: ServerMessage): void {
    if (this.#isClosed || !this.hasText) return
    if (!this.isHeld) {
      this.sendMessage(message)
      return
    }
    const frame = encodeMessage(message, this.topic)
    this.#sent.message.add(frame.length)
    this.#outbox.sendAhead(frame)
  }

  /** What the user may do is in doubt: holds this connection alone. */
  hold(): void {
    if (this.#isClosed || this.#outbox.isHeld) return
    this.#outbox.isHeld = true
    this.showHeld()
  }

  /** It is not in doubt any longer. */
  release(): void {
    this.#outbox.isHeld = false
  }

  /** Tells the client that nothing is delivered. */
  showHeld(): void {
    if (this.#isShownHeld) return
    this.#isShownHeld = true
    this.sendNotice({ type: 'access', state: 'unconfirmed' })
  }

  /** Sends what was held. @returns whether the client needs presence anew */
  resume(): boolean {
    if (this.#isShownHeld) this.sendMessage({ type: 'access', state: 'confirmed' })
    this.#isShownHeld = false
    return this.catchUp()
  }

  /** Sends `sync:ack` at the end of the window, where there is something new to acknowledge. */
  acknowledge(): void {
    if (this.#acknowledgement) this.#ackWindow.mark(this.#acknowledgement)
  }

  /** Sends `sync:ack` now, where there is something new to acknowledge. */
  acknowledgeNow(): void {
    this.#acknowledgement?.flush()
  }

  /** Makes one write of everything that `send` sends to this connection. */
  cork(send: () => void): void {
    if (!this.#isClosed) this.#outbox.cork(send)
  }

  /** A cork that this connection did not put on its socket has ended. */
  corkEnded(): void {
    this.#outbox.corkEnded()
  }

  /**
   * Something else was written to the socket, whether the reader takes it or not: the answer to a ping, by
   * uWebSockets.js, or what one of its channels sends.
   */
  wroteBeside(): void {
    this.#outbox.corkEnded()
    if (!this.#isClosed) this.#isTooSlow()
  }

  /** The reader can take more. @returns whether it has caught up and needs presence anew */
  catchUp(): boolean {
    if (this.#isClosed) return false
    this.#outbox.drain()
    this.#countBacklog()
    if (!this.#isBehind || !this.#outbox.isDrained) return false
    this.#isBehind = false
    return true
  }

  /** A check found the session alive: applies what the user may do now in place. @returns whether it is new */
  permit({ role, canBroadcast }: { role: BoardRole; canBroadcast: boolean }): boolean {
    this.lease = extendLease(this.lease)
    if (role === this.#role && canBroadcast === this.#canBroadcast) return false
    this.#role = role
    this.#canBroadcast = canBroadcast
    this.sendMessage({ type: 'role:changed', role, canBroadcast })
    return true
  }

  /** The user is called so now. @returns whether that is new */
  rename(name: string): boolean {
    if (name === this.#user.name) return false
    this.#user = { ...this.#user, name }
    return true
  }

  /** Closes because access ended. Its edits that wait for the document are no longer accepted. */
  revoke(code: CloseCode, reason: string): void {
    this.close(code, reason)
    this.#role = 'viewer'
  }

  /**
   * Closes with a code of the protocol. The socket cannot be used from then on; where the peer does
   * not read, uWebSockets.js frees it and what is buffered in it after 12 to 16 seconds: the time
   * that an `idleTimeout` of a minute gives the answer to a ping.
   */
  close(code: CloseCode, reason: string): void {
    if (this.#isClosed) return
    this.#countBacklog()
    this.#isClosed = true
    this.#keepsBacklog = true
    this.#socket.end(code, reason)
  }

  /** The socket has ended: it must not be used again. */
  markClosed(): void {
    this.#isClosed = true
    this.#unread.forget(this)
    for (const release of this.#releases ?? []) release()
    this.#releases = undefined
    const bytes = this.#backlogBytes
    this.#backlogBytes = 0
    if (bytes === 0) return
    if (this.#keepsBacklog) this.#backlog?.releaseLater(this.userId, bytes)
    else this.#backlog?.add(this.userId, -bytes)
  }

  /** Whether a frame that can be withheld is. */
  #mustShed(): boolean {
    if (!this.#outbox.hasDocument && this.#outbox.behindBytes <= PRESENCE_SHED_BYTES) return false
    this.#sent.shed++
    return true
  }

  #isTooSlow(): boolean {
    const behindBytes = this.#countBacklog()
    if (behindBytes > SEND_BUDGET_BYTES) {
      this.close(CLOSE_CODES.TOO_SLOW, 'the client reads too slowly')
      return true
    }
    if (behindBytes <= MIN_BACKLOG_BYTES || !this.#backlog?.isShareUsedUp(this.userId)) return false
    this.#cutOff()
    return true
  }

  /** @returns how far the reader is behind, bytes */
  #countBacklog(): number {
    const { behindBytes } = this.#outbox
    const bytes = behindBytes > MIN_BACKLOG_BYTES ? behindBytes : 0
    if (this.#backlog && bytes !== this.#backlogBytes) {
      this.#backlog.add(this.userId, bytes - this.#backlogBytes)
      this.#backlogBytes = bytes
    }
    return behindBytes
  }

  /** Ends the socket with all that is buffered in it, which a close code would have to wait for. */
  #cutOff(): void {
    this.#isClosed = true
    this.#socket.close()
  }
}
