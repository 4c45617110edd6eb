import type { Frame } from '@mindfuse/protocol'
import type { Tokens } from '../auth/tokens.ts'
import { fullJitter, STABLE_MS } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { SIGNED_IN_AS_ANOTHER } from '../errors.ts'
import {
  type NextStep,
  nextStepAfterClose,
  nextStepAfterRefusal,
  nextStepAfterTokenError,
} from './next-step.ts'
import { GatewaySocket, type HeartbeatState, type SocketEnd, type SocketKind } from './socket.ts'
import type { DenialReason, NotOnline } from './state.ts'
import { fetchUpgradeError } from './upgrade-error.ts'

/** How long the gateway may take to explain a refused upgrade, milliseconds. */
const UPGRADE_ERROR_TIMEOUT_MS = 10_000

/** What is sent and received on a kind of connection, and what is known of one that is online. */
export interface ConnectionKind extends SocketKind {
  online: { kind: 'online' }
}

/** What a connection reports to its session. */
export interface ConnectionEvents<Kind extends ConnectionKind> {
  state(state: NotOnline | Kind['online']): void
  hello(hello: Kind['hello']): void
  message(message: Kind['message']): void
  frame?(frame: Frame): void
  heartbeat?(state: HeartbeatState): void
  /** A connection that was online has ended. */
  disconnected(): void
}

/** What a connection needs. */
export interface ConnectionDeps<Kind extends ConnectionKind> {
  /** The gateway's address of the board, or of channels, `ws:` or `wss:`. */
  url: string
  tokens: Tokens
  environment: Pick<Environment, 'WebSocket' | 'fetch' | 'random'>
  /** A dead connection is detected within this time even if the gateway allows longer, seconds. */
  maxHeartbeatSeconds: number
  /** What a gateway sends is received once this resolves, and connected to meanwhile. Never rejects. */
  ready?: () => Promise<void>
  /** The state once the gateway has greeted. */
  online: (hello: Kind['hello']) => Kind['online']
  events: ConnectionEvents<Kind>
}

/**
 * Keeps a board, or all channels, connected to a gateway. One attempt runs at a time; a random, growing delay
 * separates two. The last answer of the server decides whether to reconnect at all.
 */
export class Connection<Kind extends ConnectionKind> {
  readonly #deps: ConnectionDeps<Kind>
  readonly #stopListening: () => void
  #state: NotOnline | Kind['online'] = { kind: 'connecting', attempt: 1 }
  #socket: GatewaySocket<Kind> | undefined
  #releaseToken: (() => void) | undefined
  /** Whether the gateway closes this connection with its token. */
  #endsWithToken = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Changes with each attempt: results of an older one are ignored. */
  #epoch = 0
  #failures = 0
  #onlineSince = 0

  constructor(deps: ConnectionDeps<Kind>) {
    this.#deps = deps
    this.#stopListening = deps.tokens.onToken((token) => {
      if (this.#endsWithToken) this.sendText(JSON.stringify({ type: 'auth:refresh', token }))
    })
  }

  get state(): NotOnline | Kind['online'] {
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
  sendText(text: string): boolean {
    return this.#state.kind === 'online' && this.#socket?.sendText(text) === true
  }

  /** What is known of the connection has changed. */
  update(online: Kind['online']): void {
    this.#become(online)
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
    const { tokens, url, environment, ready } = this.#deps
    let accessToken: string
    try {
      accessToken = await tokens.get()
    } catch (error) {
      if (epoch === this.#epoch) this.#follow(nextStepAfterTokenError(error))
      return
    }
    if (epoch !== this.#epoch) return
    const { events } = this.#deps
    this.#socket = new GatewaySocket<Kind>({
      url,
      accessToken,
      WebSocket: environment.WebSocket,
      maxHeartbeatSeconds: this.#deps.maxHeartbeatSeconds,
      ready: ready?.() ?? Promise.resolve(),
      events: {
        hello: (hello) => this.#greeted(hello),
        message: (message) => this.#receive(message),
        frame: (frame) => events.frame?.(frame),
        heartbeat: (state) => events.heartbeat?.(state),
        ended: (end) => void this.#ended(end, accessToken, epoch),
      },
    })
  }

  #greeted(hello: Kind['hello']): void {
    // A custom `getToken` may not say whose token it is; nothing was sent yet.
    if (!this.#deps.tokens.isOf(hello.user.id)) {
      this.deny({ reason: SIGNED_IN_AS_ANOTHER, code: SIGNED_IN_AS_ANOTHER })
      return
    }
    this.#onlineSince = Date.now()
    this.#endsWithToken = false
    // Renewed in time even if this connection outlives it: when a gateway restarts, all its clients
    // reconnect, and must not all need a new one first.
    this.#releaseToken = this.#deps.tokens.hold()
    this.#become(this.#deps.online(hello))
    this.#deps.events.hello(hello)
  }

  #receive(message: Kind['message']): void {
    if (message.type === 'auth:expiring') {
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

  #become(state: NotOnline | Kind['online']): void {
    if (this.#state.kind === 'closed' && state.kind === 'closed') return
    this.#state = state
    this.#deps.events.state(state)
  }
}
