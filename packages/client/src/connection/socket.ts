import {
  BEARER_SUBPROTOCOL_PREFIX,
  type ChannelHello,
  type ChannelReceived,
  decodeFrame,
  type Frame,
  readBoardRole,
  type ServerMessage,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import type { WebSocketConstructor, WebSocketLike } from '../environment.ts'
import { Heartbeat } from './heartbeat.ts'

/** How long the gateway may take to send `hello`, milliseconds. */
const OPEN_TIMEOUT_MS = 15_000

/** The gateway's first message on a board. */
export type Hello = Extract<ServerMessage, { type: 'hello' }>

/** What is sent and received on a kind of socket: that of a board, or that of channels. */
export interface SocketKind {
  hello: Hello | ChannelHello
  /** Everything but `hello`. */
  message: Exclude<ServerMessage, Hello> | Exclude<ChannelReceived, ChannelHello>
}

/** How the check whether a socket is alive goes. */
export type HeartbeatState = 'sent' | 'ok' | 'timeout' | 'disconnected'

/** How a WebSocket ended. */
export interface SocketEnd {
  /** Whether the gateway had sent `hello`. */
  wasOpen: boolean
  /** The close code; 1006 if there was none. */
  code: number
  /** The delay that `going-away` asked for, milliseconds. */
  retryAfterMs: number | undefined
}

/** What a socket reports; `ended` comes once, and last. */
export interface SocketEvents<Kind extends SocketKind> {
  hello(hello: Kind['hello']): void
  message(message: Kind['message']): void
  frame?(frame: Frame): void
  heartbeat?(state: HeartbeatState): void
  ended(end: SocketEnd): void
}

const NO_CLOSE_CODE = 1006
const NORMAL_CLOSE_CODE = 1000
const OPEN = 1

/** One WebSocket to a gateway, from the attempt to its end. It reports nothing after its end. */
export class GatewaySocket<Kind extends SocketKind> {
  readonly #socket: WebSocketLike
  readonly #events: SocketEvents<Kind>
  readonly #openTimer: ReturnType<typeof setTimeout>
  readonly #maxHeartbeatSeconds: number
  #heartbeat: Heartbeat | undefined
  #retryAfterMs: number | undefined
  #hasEnded = false

  constructor(options: {
    url: string
    accessToken: string
    WebSocket: WebSocketConstructor
    /** A dead connection is detected within this time even if the gateway allows longer, seconds. */
    maxHeartbeatSeconds: number
    /** What arrives before this resolves is received then: little, as nothing was asked for yet. */
    ready: Promise<void>
    events: SocketEvents<Kind>
  }) {
    this.#events = options.events
    this.#maxHeartbeatSeconds = options.maxHeartbeatSeconds
    const protocols = [SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${options.accessToken}`]
    this.#socket = new options.WebSocket(options.url, protocols)
    this.#socket.binaryType = 'arraybuffer'
    this.#receiveFrom(options.ready)
    this.#socket.onclose = ({ code }: { code: number }) => this.#end(code)
    // The event of a browser does not say what went wrong; `onclose` follows.
    this.#socket.onerror = () => undefined
    const timeoutMs = Math.min(OPEN_TIMEOUT_MS, options.maxHeartbeatSeconds * 1_000)
    this.#openTimer = setTimeout(() => this.drop(), timeoutMs)
  }

  /** Bytes that have not left this machine. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** Sends a binary frame. @returns whether the socket is open */
  send(frame: Uint8Array): boolean {
    if (this.#hasEnded || this.#socket.readyState !== OPEN) return false
    this.#socket.send(frame as Uint8Array<ArrayBuffer>)
    return true
  }

  /** Sends a text frame. @returns whether the socket is open */
  sendText(text: string): boolean {
    if (this.#hasEnded || this.#socket.readyState !== OPEN) return false
    this.#socket.send(text)
    return true
  }

  /** Checks that it is alive. */
  check(): void {
    this.#heartbeat?.check()
  }

  /** Gives it up: reports its end immediately, without waiting for the peer. */
  drop(): void {
    this.#end(NO_CLOSE_CODE)
  }

  /** Closes it without reporting its end. */
  close(): void {
    this.#hasEnded = true
    this.#release()
  }

  #receiveFrom(ready: Promise<void>): void {
    const early: unknown[] = []
    this.#socket.onmessage = ({ data }: { data: unknown }) => early.push(data)
    void ready.then(() => {
      if (this.#hasEnded) return
      this.#socket.onmessage = ({ data }: { data: unknown }) => this.#receive(data)
      for (const data of early) this.#receive(data)
    })
  }

  #receive(data: unknown): void {
    if (this.#hasEnded) return
    this.#heartbeat?.beat()
    const received = decode(data)
    if (received === undefined) this.drop()
    else if ('type' in received) this.#receiveMessage(received)
    else this.#events.frame?.(received)
  }

  #receiveMessage(message: SocketKind['hello'] | SocketKind['message']): void {
    if (message.type === 'hello') {
      clearTimeout(this.#openTimer)
      this.#heartbeat = new Heartbeat({
        withinSeconds: Math.min(message.heartbeatSeconds, this.#maxHeartbeatSeconds),
        ping: () => this.#ping(),
        giveUp: () => {
          this.#events.heartbeat?.('timeout')
          this.drop()
        },
        bufferedBytes: () => this.bufferedBytes,
      })
      this.#events.hello(message)
      return
    }
    if (message.type === 'going-away') this.#retryAfterMs = message.retryAfterMs
    else if (message.type === 'pong') this.#events.heartbeat?.('ok')
    this.#events.message(message)
  }

  #ping(): void {
    if (this.sendText('{"type":"ping"}')) this.#events.heartbeat?.('sent')
  }

  #end(code: number): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const wasOpen = this.#heartbeat !== undefined
    this.#release()
    this.#events.ended({ wasOpen, code, retryAfterMs: this.#retryAfterMs })
  }

  #release(): void {
    clearTimeout(this.#openTimer)
    this.#heartbeat?.stop()
    this.#socket.onmessage = null
    this.#socket.onclose = null
    this.#socket.close(NORMAL_CLOSE_CODE)
  }
}

/** Decodes a frame; undefined if no gateway sent it, for example if a proxy interferes. */
function decode(data: unknown): ServerMessage | ChannelReceived | Frame | undefined {
  try {
    return typeof data === 'string'
      ? readMessage(data)
      : decodeFrame(new Uint8Array(data as ArrayBuffer))
  } catch {
    return undefined
  }
}

/** @throws SyntaxError or TypeError unless it is an object in JSON */
function readMessage(text: string): ServerMessage | ChannelReceived {
  const message: ServerMessage | ChannelReceived = JSON.parse(text)
  return 'role' in message ? { ...message, role: readBoardRole(message.role) } : message
}
