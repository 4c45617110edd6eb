import {
  BEARER_SUBPROTOCOL_PREFIX,
  type ClientMessage,
  decodeFrame,
  type Frame,
  type ServerMessage,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import type { WebSocketConstructor, WebSocketLike } from '../environment.ts'
import { Heartbeat } from './heartbeat.ts'

/** How long it may take until the gateway says `hello`, milliseconds. */
const OPEN_TIMEOUT_MS = 15_000

/** What the gateway says first. */
export type Hello = Extract<ServerMessage, { type: 'hello' }>

/** How a line ended. */
export interface LineEnd {
  /** Whether the gateway had let it in. */
  wasOpen: boolean
  /** The close code; 1006 where there was none. */
  code: number
  /** What `going-away` said, milliseconds. */
  retryAfterMs: number | undefined
}

/** What a line tells; `ended` comes once and last. */
export interface LineEvents {
  hello(hello: Hello): void
  message(message: ServerMessage): void
  frame(frame: Frame): void
  ended(end: LineEnd): void
}

const NO_CLOSE_CODE = 1006
const NORMAL_CLOSE_CODE = 1000
const OPEN = 1

/** One WebSocket, from the attempt to its end. After its end it says nothing more. */
export class Line {
  readonly #socket: WebSocketLike
  readonly #events: LineEvents
  readonly #openTimer: ReturnType<typeof setTimeout>
  readonly #maxHeartbeatSeconds: number
  #heartbeat: Heartbeat | undefined
  #retryAfterMs: number | undefined
  #hasEnded = false

  constructor(options: {
    url: string
    accessToken: string
    WebSocket: WebSocketConstructor
    /** A dead line is noticed within this time even where the gateway allows longer, seconds. */
    maxHeartbeatSeconds: number
    events: LineEvents
  }) {
    this.#events = options.events
    this.#maxHeartbeatSeconds = options.maxHeartbeatSeconds
    const protocols = [SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${options.accessToken}`]
    this.#socket = new options.WebSocket(options.url, protocols)
    this.#socket.binaryType = 'arraybuffer'
    this.#socket.onmessage = ({ data }: { data: unknown }) => this.#receive(data)
    this.#socket.onclose = ({ code }: { code: number }) => this.#end(code)
    // What went wrong is in no event of a browser; `onclose` follows.
    this.#socket.onerror = () => undefined
    const patienceMs = Math.min(OPEN_TIMEOUT_MS, options.maxHeartbeatSeconds * 1_000)
    this.#openTimer = setTimeout(() => this.drop(), patienceMs)
  }

  /** Bytes that wait to leave this machine. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** Sends a binary frame. @returns whether there was a line to send it on */
  send(frame: Uint8Array): boolean {
    if (this.#hasEnded || this.#socket.readyState !== OPEN) return false
    this.#socket.send(frame as Uint8Array<ArrayBuffer>)
    return true
  }

  /** Sends a text frame. @returns whether there was a line to send it on */
  say(message: ClientMessage): boolean {
    if (this.#hasEnded || this.#socket.readyState !== OPEN) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  /** Makes sure that it is alive. */
  check(): void {
    this.#heartbeat?.check()
  }

  /** Gives it up: its end is told at once, without waiting for what the other side says. */
  drop(): void {
    this.#end(NO_CLOSE_CODE)
  }

  /** Closes it without a word to anybody here. */
  close(): void {
    this.#hasEnded = true
    this.#release()
  }

  #receive(data: unknown): void {
    if (this.#hasEnded) return
    this.#heartbeat?.beat()
    const heard = read(data)
    if (heard === undefined) this.drop()
    else if ('type' in heard) this.#receiveMessage(heard)
    else this.#events.frame(heard)
  }

  #receiveMessage(message: ServerMessage): void {
    if (message.type === 'hello') {
      clearTimeout(this.#openTimer)
      this.#heartbeat = new Heartbeat({
        withinSeconds: Math.min(message.heartbeatSeconds, this.#maxHeartbeatSeconds),
        ping: () => this.say({ type: 'ping' }),
        giveUp: () => this.drop(),
      })
      this.#events.hello(message)
      return
    }
    if (message.type === 'going-away') this.#retryAfterMs = message.retryAfterMs
    this.#events.message(message)
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

/** What a gateway said; undefined for what no gateway says, as where a proxy interferes. */
function read(data: unknown): ServerMessage | Frame | undefined {
  try {
    return typeof data === 'string'
      ? (JSON.parse(data) as ServerMessage)
      : decodeFrame(new Uint8Array(data as ArrayBuffer))
  } catch {
    return undefined
  }
}
