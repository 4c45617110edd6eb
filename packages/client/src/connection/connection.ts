import type { ClientMessage, Frame, ServerMessage } from '@mindfuse/protocol'
import type { Tokens } from '../auth/tokens.ts'
import { fullJitter } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { SIGNED_IN_AS_ANOTHER } from '../errors.ts'
import {
  type NextStep,
  nextStepAfterClose,
  nextStepAfterRefusal,
  nextStepAfterTokenError,
} from './next-step.ts'
import { GatewaySocket, type Hello, type SocketEnd } from './socket.ts'
import type { ConnectionState, DenialReason } from './state.ts'
import { fetchUpgradeError } from './upgrade-error.ts'

/** A connection that lasts this long resets the backoff, milliseconds. */
const STABLE_MS = 10_000

/** How long the gateway may take to explain a refused upgrade, milliseconds. */
const UPGRADE_ERROR_TIMEOUT_MS = 10_000

/** What a connection reports to its session. */
export interface ConnectionEvents {
  state(state: ConnectionState): void
  hello(hello: Hello): void
  message(message: ServerMessage): void
  frame(frame: Frame): void
  /** A connection that was online has ended. */
  disconnected(): void
}

/** What a connection needs. */
export interface ConnectionDeps {
  /** The gateway's address of the board, `ws:` or `wss:`. */
  url: string
  tokens: Tokens
  environment: Pick<Environment, 'WebSocket' | 'fetch' | 'random'>
  /** A dead connection is detected within this time even if the gateway allows longer, seconds. */
  maxHeartbeatSeconds: number
  events: ConnectionEvents
}

/**
 * Keeps a board connected to its gateway. One attempt runs at a time; a random, growing delay
 * separates two. The last answer of the server decides whether to reconnect at all.
 */
export class Connection {
  readonly #deps: ConnectionDeps
  readonly #stopListening: () => void
  #state: ConnectionState = { kind: 'connecting', attempt: 1 }
  #socket: GatewaySocket | undefined
  #releaseToken: (() => void) | undefined
  /** Whether the gateway closes this connection with its token. */
  #endsWithToken = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Changes with each attempt: results of an older one are ignored. */
  #epoch = 0
  #failures = 0
  #onlineSince = 0

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
    this.#stopListening = deps.tokens.onToken((token) => {
      if (this.#endsWithToken) this.sendMessage({ type: 'auth:refresh', token })
    })
  }

  get state(): ConnectionState {
    return this.#state
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0
  }

  /** Connects immediately, unless it is connected or connecting. */
  connect(): void {
    const { kind } = this.#state
    const hasBegun = this.#epoch > 0
    if (hasBegun && (kind === 'connecting' || kind === 'online')) return
    void this.#attempt()
  }

  /** The machine woke up, or has a network again: reconnects or checks the connection now. */
  wake(): void {
    if (this.#state.kind === 'offline') void this.#attempt()
    else this.#socket?.check()
  }

  /** Sends a binary frame. @returns whether the connection is online */
  send(frame: Uint8Array): boolean {
    return this.#state.kind === 'online' && this.#socket?.send(frame) === true
  }

  /** Sends a text frame. @returns whether the connection is online */
  sendMessage(message: ClientMessage): boolean {
    return this.#state.kind === 'online' && this.#socket?.sendMessage(message) === true
  }

  /** Disconnects until `connect`: reconnecting unchanged would not help. */
  deny(denial: { reason: DenialReason; code: string }): void {
    this.#epoch++
    clearTimeout(this.#timer)
    this.#socket?.close()
    this.#leave()
    this.#become({ kind: 'denied', ...denial })
  }

  /** Closes it for good. */
  close(): void {
    this.#epoch++
    this.#stopListening()
    clearTimeout(this.#timer)
    this.#socket?.close()
    this.#leave()
    this.#become({ kind: 'closed' })
  }

  async #attempt(): Promise<void> {
    const epoch = ++this.#epoch
    clearTimeout(this.#timer)
    this.#become({ kind: 'connecting', attempt: this.#failures + 1 })
    const { tokens, url, environment } = this.#deps
    let accessToken: string
    try {
      accessToken = await tokens.get()
    } catch (error) {
      if (epoch === this.#epoch) this.#follow(nextStepAfterTokenError(error))
      return
    }
    if (epoch !== this.#epoch) return
    this.#socket = new GatewaySocket({
      url,
      accessToken,
      WebSocket: environment.WebSocket,
      maxHeartbeatSeconds: this.#deps.maxHeartbeatSeconds,
      events: {
        hello: (hello) => this.#greeted(hello),
        message: (message) => this.#receive(message),
        frame: (frame) => this.#deps.events.frame(frame),
        ended: (end) => void this.#ended(end, accessToken, epoch),
      },
    })
  }

  #greeted(hello: Hello): void {
    const { connectionId, user, role, canBroadcast } = hello
    // A custom `getToken` may not say whose token it is; nothing was sent yet.
    if (!this.#deps.tokens.isOf(user.id)) {
      this.deny({ reason: SIGNED_IN_AS_ANOTHER, code: SIGNED_IN_AS_ANOTHER })
      return
    }
    this.#onlineSince = Date.now()
    this.#endsWithToken = false
    // Renewed in time even if this connection outlives it: when a gateway restarts, all its clients
    // reconnect, and must not all need a new one first.
    this.#releaseToken = this.#deps.tokens.hold()
    this.#become({ kind: 'online', connectionId, user, role, canBroadcast })
    this.#deps.events.hello(hello)
  }

  #receive(message: ServerMessage): void {
    if (message.type === 'role:changed' && this.#state.kind === 'online') {
      const { role, canBroadcast } = message
      this.#become({ ...this.#state, role, canBroadcast })
    } else if (message.type === 'auth:expiring') {
      // With a wrong local clock, only this shows that the token has to be renewed. If that fails, the
      // gateway closes the connection.
      this.#endsWithToken = true
      this.#deps.tokens.renew().catch(() => undefined)
    }
    this.#deps.events.message(message)
  }

  async #ended({ wasOpen, code, retryAfterMs }: SocketEnd, token: string, epoch: number) {
    const { environment, url, tokens, maxHeartbeatSeconds } = this.#deps
    const { random, fetch } = environment
    this.#leave()
    if (wasOpen && Date.now() - this.#onlineSince >= STABLE_MS) this.#failures = 0
    const timeoutMs = Math.min(UPGRADE_ERROR_TIMEOUT_MS, maxHeartbeatSeconds * 1_000)
    const next = wasOpen
      ? nextStepAfterClose(code, { retryAfterMs, random })
      : nextStepAfterRefusal(await fetchUpgradeError(url, token, fetch, timeoutMs))
    if (epoch !== this.#epoch) return
    if (next.kind === 'retry' && next.rejectsToken) tokens.reject(token)
    this.#follow(next)
  }

  #leave(): void {
    const wasOnline = this.#state.kind === 'online'
    this.#socket = undefined
    this.#releaseToken?.()
    this.#releaseToken = undefined
    if (wasOnline) this.#deps.events.disconnected()
  }

  #follow(next: NextStep): void {
    if (next.kind === 'denied') {
      this.#become(next)
      return
    }
    const { random } = this.#deps.environment
    const { code, afterMs, minMs = 0, isDue } = next
    const isAtOnce = isDue && this.#failures === 0
    const delay = isAtOnce ? 0 : (afterMs ?? minMs + fullJitter(this.#failures, random))
    this.#failures++
    this.#timer = setTimeout(() => void this.#attempt(), delay)
    this.#become({ kind: 'offline', code, retryAt: Date.now() + delay })
  }

  #become(state: ConnectionState): void {
    if (this.#state.kind === 'closed' && state.kind === 'closed') return
    this.#state = state
    this.#deps.events.state(state)
  }
}
