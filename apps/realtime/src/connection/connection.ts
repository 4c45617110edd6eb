import type { WebSocket } from 'uWebSockets.js'
import { randomUUID } from 'node:crypto'
import {
  type BoardRole,
  CLOSE_CODES,
  type ClientMessage,
  type CloseCode,
  type PresenceUser,
  type ServerMessage,
} from '@mindfuse/protocol'
import type { Admitted } from '../admission/admission.ts'
import type { Flushable, FlushWindow } from '../flush-window.ts'
import { BroadcastLedger } from './broadcast-ledger.ts'
import { EditLedger } from './edit-ledger.ts'
import { Outbox } from './outbox.ts'
import { Rates } from './rates.ts'
import type { Sent } from './traffic.ts'

/** Past so many bytes behind, a reader gets no presence and no broadcast until it has caught up. */
const PRESENCE_SHED_BYTES = 64 * 1024

/** Past so many bytes behind, a reader is closed, and catches up by state vector on its return. */
export const SEND_BUDGET_BYTES = 8 * 1024 * 1024

/** How long the newest of too many text frames waits, milliseconds. */
const CONFLATION_WINDOW_MS = 33

/** How long before the end of its token a client is warned, milliseconds. */
const EXPIRY_WARNING_MS = 60_000

/** The newest text frames of too many, until their window ends. */
interface Held {
  messages: Map<ClientMessage['type'], ClientMessage>
  timer: NodeJS.Timeout
}

/** The bytes of a text frame, to be sent to any number of connections. */
export function encodeMessage(message: ServerMessage): Uint8Array {
  // From the pool of buffers: a TextEncoder allocates each by itself, for three times the CPU.
  return Buffer.from(JSON.stringify(message))
}

/**
 * One admitted socket. uWebSockets.js throws when a socket is used after its end, and `end` calls
 * the close handler before it returns; both stay in here.
 */
export class Connection implements Flushable {
  readonly id = randomUUID()
  readonly connectedAt = Date.now()
  readonly boardId: string
  readonly user: PresenceUser
  /** Whether text frames were negotiated (`whiteboard.v1`). */
  readonly hasText: boolean
  /** What the client says that it holds of the document, if it does. */
  readonly digest: string | undefined
  /** How often it may do what. */
  readonly rates = new Rates()
  /** The board's access version that the role was read at. */
  accessVersion: number
  /** Counts edit frames for those who want to know what is saved. */
  readonly ledger: EditLedger | undefined
  readonly #socket: WebSocket<unknown>
  readonly #ackWindow: FlushWindow
  readonly #sent: Sent
  readonly #outbox: Outbox
  #role: BoardRole
  #canBroadcast: boolean
  #sessionId: string
  #expiresAt: number
  #isWarned = false
  #isClosed = false
  #isBehind = false
  /** Awareness frames it was sent since it last sent one that was no news. */
  #echoesToCome = 0
  #broadcasts: BroadcastLedger | undefined
  #held: Held | undefined
  #ackedReceived = 0
  #ackedSaved = 0

  constructor(
    socket: WebSocket<unknown>,
    admitted: Admitted,
    options: {
      hasText: boolean
      digest: string | undefined
      ackWindow: FlushWindow
      sent: Sent
    },
  ) {
    this.#socket = socket
    this.#ackWindow = options.ackWindow
    this.#sent = options.sent
    this.#outbox = new Outbox(socket)
    this.hasText = options.hasText
    this.digest = options.digest
    this.ledger = options.hasText ? new EditLedger() : undefined
    this.boardId = admitted.boardId
    this.user = admitted.user
    this.#role = admitted.role
    this.#canBroadcast = admitted.canBroadcast
    this.accessVersion = admitted.version
    this.#sessionId = admitted.sessionId
    this.#expiresAt = admitted.expiresAt
  }

  get userId(): string {
    return this.user.id
  }

  get role(): BoardRole {
    return this.#role
  }

  /** Whether the person may say something to the board. */
  get canBroadcast(): boolean {
    return this.#canBroadcast
  }

  get sessionId(): string {
    return this.#sessionId
  }

  /** Counts broadcasts. */
  get broadcasts(): BroadcastLedger {
    this.#broadcasts ??= new BroadcastLedger()
    return this.#broadcasts
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Sends a binary frame. A reader too far behind for it is closed: a hole in what it gets would
   * leave it silently wrong.
   */
  send(frame: Uint8Array): void {
    if (this.#isClosed || this.#isTooSlow()) return
    this.#sent.sync.add(frame.length)
    this.#outbox.send(frame, true)
  }

  /**
   * Sends a frame of a document that the reader asked for. However large, it is no debt of theirs:
   * it leaves as they read, and what comes meanwhile waits behind it.
   */
  sendDocument(frame: Uint8Array): void {
    if (this.#isClosed || this.#isTooSlow()) return
    this.#sent.sync.add(frame.length)
    this.#outbox.send(frame, true, true)
  }

  /** Whether a document is still on its way to the reader. */
  get isReceivingDocument(): boolean {
    return this.#outbox.hasDocument
  }

  /**
   * Sends what a newer frame of the same kind replaces, unless the reader is behind: then it will
   * need everything anew when it has caught up.
   *
   * @param isBinary awareness is binary, presence is text
   */
  sendPresence(frame: Uint8Array, isBinary: boolean): void {
    if (this.#isClosed || (!isBinary && !this.hasText)) return
    if (this.#outbox.hasDocument || this.#outbox.behindBytes > PRESENCE_SHED_BYTES) {
      this.#isBehind = true
      this.#sent.shed++
      return
    }
    if (isBinary) {
      this.#sent.awareness.add(frame.length)
      this.#echoesToCome++
    } else {
      this.#sent.presence.add(frame.length)
    }
    this.#outbox.send(frame, isBinary)
  }

  /** Sends a broadcast. It is worth nothing later, so a reader that is behind goes without it. */
  sendBroadcast(frame: Uint8Array): void {
    if (this.#isClosed || !this.hasText) return
    if (this.#outbox.hasDocument || this.#outbox.behindBytes > PRESENCE_SHED_BYTES) {
      this.#sent.shed++
      return
    }
    this.#sent.broadcast.add(frame.length)
    this.#outbox.send(frame, false)
  }

  /** Whether it may send awareness that is no news: at its rate, or back what it was sent. */
  takeEcho(): boolean {
    const bucket = this.rates.echoes
    bucket.give(this.#echoesToCome)
    this.#echoesToCome = 0
    return bucket.take()
  }

  /** Makes one write of whatever `send` sends to this connection. */
  cork(send: () => void): void {
    if (!this.#isClosed) this.#outbox.cork(send)
  }

  /** A cork that uWebSockets.js or somebody else put on the socket has ended. */
  corkEnded(): void {
    this.#outbox.corkEnded()
  }

  /** Sends a text frame to a client that negotiated them. */
  sendMessage(message: ServerMessage): void {
    if (this.#isClosed || !this.hasText || this.#isTooSlow()) return
    const frame = encodeMessage(message)
    const { presence, message: other } = this.#sent
    const traffic = message.type.startsWith('presence:') ? presence : other
    traffic.add(frame.length)
    this.#outbox.send(frame, false)
  }

  /** The reader took something: it gets more. @returns whether presence is to come anew */
  catchUp(): boolean {
    if (this.#isClosed) return false
    this.#outbox.drain()
    if (!this.#isBehind || !this.#outbox.isDrained) return false
    this.#isBehind = false
    return true
  }

  /** Says, a moment later, what was received and what is saved. */
  acknowledge(): void {
    if (this.ledger) this.#ackWindow.mark(this)
  }

  /** Sends the acknowledgement, where there is something new to it. */
  flush(): void {
    if (!this.ledger) return
    const { received, saved } = this.ledger.position
    if (received === this.#ackedReceived && saved === this.#ackedSaved) return
    this.#ackedReceived = received
    this.#ackedSaved = saved
    this.sendMessage({ type: 'sync:ack', received, saved })
  }

  #isTooSlow(): boolean {
    if (this.#outbox.behindBytes <= SEND_BUDGET_BYTES) return false
    this.close(CLOSE_CODES.TOO_SLOW, 'reads too slowly')
    return true
  }

  /** Applies a change of what the person may do in place. */
  permit({ role, canBroadcast }: { role: BoardRole; canBroadcast: boolean }): void {
    if (role === this.#role && canBroadcast === this.#canBroadcast) return
    this.#role = role
    this.#canBroadcast = canBroadcast
    this.sendMessage({ type: 'role:changed', role, canBroadcast })
  }

  /** The client brought a newer token. */
  refresh(claims: { sessionId: string; expiresAt: number }): void {
    this.#sessionId = claims.sessionId
    this.#expiresAt = claims.expiresAt
    this.#isWarned = false
  }

  /** Closes when the token has ended, and warns before. `now` in milliseconds. */
  checkExpiry(now: number): void {
    if (now >= this.#expiresAt) {
      this.close(CLOSE_CODES.TOKEN_EXPIRED, 'the access token ended')
    } else if (!this.#isWarned && now >= this.#expiresAt - EXPIRY_WARNING_MS) {
      this.#isWarned = true
      this.sendMessage({
        type: 'auth:expiring',
        expiresAt: new Date(this.#expiresAt).toISOString(),
      })
    }
  }

  /**
   * Closes with a code of the protocol. The socket cannot be touched from then on; where the peer
   * does not read, uWebSockets.js frees it and what waits in it after 12 to 16 seconds: the time
   * that an `idleTimeout` of a minute gives the answer to a ping.
   */
  close(code: CloseCode, reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.end(code, reason)
  }

  /** Closes because access ended. Its edits that wait for the document are not accepted any more. */
  revoke(code: CloseCode, reason: string): void {
    this.close(code, reason)
    this.#role = 'viewer'
  }

  /** The socket has ended: it must not be touched again. */
  markClosed(): void {
    this.#isClosed = true
    clearTimeout(this.#held?.timer)
  }

  /**
   * Hands a message to `handle`, unless they come faster than their rate: then of each type only
   * the newest of a window is handled, when the window ends. A cursor replaces no viewport.
   */
  conflate(message: ClientMessage, handle: (message: ClientMessage) => void): void {
    if (this.rates.presence.take()) {
      this.#held?.messages.delete(message.type)
      handle(message)
      return
    }
    this.#held ??= {
      messages: new Map(),
      timer: setTimeout(() => {
        const { messages } = this.#held as Held
        this.#held = undefined
        for (const newest of messages.values()) if (!this.#isClosed) handle(newest)
      }, CONFLATION_WINDOW_MS),
    }
    this.#held.messages.set(message.type, message)
  }
}
