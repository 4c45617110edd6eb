import type { ClientMessage, Frame, ServerMessage } from '@mindfuse/protocol'
import type { Tokens } from '../auth/tokens.ts'
import { fullJitter } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { askWhy } from './ask-why.ts'
import { type Hello, Line, type LineEnd } from './line.ts'
import type { ConnectionState } from './state.ts'
import { type Verdict, verdictOfClose, verdictOfError, verdictOfTokenError } from './verdict.ts'

/** Only a connection that held for so long makes up for the failures before it, milliseconds. */
const STABLE_MS = 10_000

/** How long the gateway may take to say why it refused, milliseconds. */
const ASK_TIMEOUT_MS = 10_000

/** What a connection tells the board. */
export interface ConnectionEvents {
  state(state: ConnectionState): void
  hello(hello: Hello): void
  message(message: ServerMessage): void
  frame(frame: Frame): void
  /** A line that had said hello is gone. */
  down(): void
}

/** What a connection needs. */
export interface ConnectionDeps {
  /** The gateway's address of the board, `ws:` or `wss:`. */
  url: string
  tokens: Tokens
  environment: Pick<Environment, 'WebSocket' | 'fetch' | 'random'>
  /** A dead line is noticed within this time even where the gateway allows longer, seconds. */
  maxHeartbeatSeconds: number
  events: ConnectionEvents
}

/**
 * Keeps a line to a board's gateway. One attempt is on its way at a time; between two lies a
 * random delay that grows. What the server said last decides whether to come back at all.
 */
export class Connection {
  readonly #deps: ConnectionDeps
  readonly #stopListening: () => void
  #state: ConnectionState = { kind: 'connecting', attempt: 1 }
  #line: Line | undefined
  #releaseToken: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Changes with each attempt: what an older one still brings counts no more. */
  #epoch = 0
  #failures = 0
  #onlineSince = 0

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
    this.#stopListening = deps.tokens.onToken((token) => this.say({ type: 'auth:refresh', token }))
  }

  get state(): ConnectionState {
    return this.#state
  }

  get bufferedBytes(): number {
    return this.#line?.bufferedBytes ?? 0
  }

  /** Connects, at once where it waits to. Nothing happens where it is connected or about to be. */
  connect(): void {
    const { kind } = this.#state
    const hasBegun = this.#epoch > 0
    if (hasBegun && (kind === 'connecting' || kind === 'online')) return
    void this.#attempt()
  }

  /** The machine woke up, or has a network again: a line may be dead, and waiting is over. */
  wake(): void {
    if (this.#state.kind === 'offline') void this.#attempt()
    else this.#line?.check()
  }

  /** @returns whether there was a line to send it on */
  send(frame: Uint8Array): boolean {
    return this.#state.kind === 'online' && this.#line?.send(frame) === true
  }

  /** @returns whether there was a line to send it on */
  say(message: ClientMessage): boolean {
    return this.#state.kind === 'online' && this.#line?.say(message) === true
  }

  /** Ends it for good. */
  close(): void {
    this.#epoch++
    this.#stopListening()
    clearTimeout(this.#timer)
    this.#line?.close()
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
      if (epoch === this.#epoch) this.#follow(verdictOfTokenError(error))
      return
    }
    if (epoch !== this.#epoch) return
    this.#line = new Line({
      url,
      accessToken,
      WebSocket: environment.WebSocket,
      maxHeartbeatSeconds: this.#deps.maxHeartbeatSeconds,
      events: {
        hello: (hello) => this.#open(hello),
        message: (message) => this.#receive(message),
        frame: (frame) => this.#deps.events.frame(frame),
        ended: (end) => void this.#ended(end, accessToken, epoch),
      },
    })
  }

  #open(hello: Hello): void {
    const { connectionId, user, role, canBroadcast } = hello
    this.#onlineSince = Date.now()
    this.#releaseToken = this.#deps.tokens.hold()
    this.#become({ kind: 'online', connectionId, user, role, canBroadcast })
    this.#deps.events.hello(hello)
  }

  #receive(message: ServerMessage): void {
    if (message.type === 'role:changed' && this.#state.kind === 'online') {
      const { role, canBroadcast } = message
      this.#become({ ...this.#state, role, canBroadcast })
    } else if (message.type === 'auth:expiring') {
      // The clock here may be wrong: then this is what says that the token has to be renewed.
      // Where that fails, the end of the connection says so.
      this.#deps.tokens.renew().catch(() => undefined)
    }
    this.#deps.events.message(message)
  }

  async #ended({ wasOpen, code, retryAfterMs }: LineEnd, token: string, epoch: number) {
    const { environment, url, tokens, maxHeartbeatSeconds } = this.#deps
    const { random, fetch } = environment
    this.#leave()
    if (wasOpen && Date.now() - this.#onlineSince >= STABLE_MS) this.#failures = 0
    const askMs = Math.min(ASK_TIMEOUT_MS, maxHeartbeatSeconds * 1_000)
    const verdict = wasOpen
      ? verdictOfClose(code, { retryAfterMs, random })
      : verdictOfError(await askWhy(url, token, fetch, askMs))
    if (epoch !== this.#epoch) return
    if (verdict.kind === 'retry' && verdict.rejectsToken) tokens.reject(token)
    this.#follow(verdict)
  }

  #leave(): void {
    const wasOnline = this.#state.kind === 'online'
    this.#line = undefined
    this.#releaseToken?.()
    this.#releaseToken = undefined
    if (wasOnline) this.#deps.events.down()
  }

  #follow(verdict: Verdict): void {
    if (verdict.kind === 'denied') {
      this.#become(verdict)
      return
    }
    const { random } = this.#deps.environment
    const { code, afterMs, minMs = 0 } = verdict
    const delay = afterMs ?? minMs + fullJitter(this.#failures, random)
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
