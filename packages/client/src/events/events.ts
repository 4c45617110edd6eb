import type { BoardDetails } from '../api/boards.ts'
import type { Tokens } from '../auth/tokens.ts'
import { fullJitter } from '../backoff.ts'
import { verdictOfError, verdictOfTokenError } from '../connection/verdict.ts'
import { Emitter } from '../emitter.ts'
import type { Environment } from '../environment.ts'
import { MindfuseError } from '../errors.ts'
import type { ServerSentEvent } from './event-parser.ts'
import { readStream, type StreamEnd } from './read-stream.ts'
import type { EventsState, ListEvents } from './types.ts'

/** Only a stream that held for so long makes up for the failures before it, milliseconds. */
const STABLE_MS = 10_000

/** What a stream of events needs. */
export interface EventsDeps {
  /** The address of `GET /api/events`, with its query. */
  url: string
  tokens: Tokens
  environment: Pick<Environment, 'fetch' | 'random'>
  onClosed: () => void
}

/** What changes in one's lists, as it changes. Comes back by itself and goes on where it was. */
export class Events {
  readonly #deps: EventsDeps
  readonly #events = new Emitter<ListEvents>()
  #state: EventsState = { kind: 'connecting', attempt: 1 }
  #boards: ReadonlyMap<string, BoardDetails> | undefined
  #lastEventId: string | undefined
  #abort: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #onlineSince = 0

  /** Opens it; {@link Client.events} does so. @internal */
  constructor(deps: EventsDeps) {
    this.#deps = deps
    void this.#attempt()
  }

  /** Calls `listener` at each event. @returns a function that ends that */
  readonly on: Emitter<ListEvents>['on'] = (event, listener) => this.#events.on(event, listener)

  /** How the stream is. */
  get status(): EventsState {
    return this.#state
  }

  /**
   * All boards that one sees, by their ids; undefined until they were told. Each change makes
   * another map.
   */
  get boards(): ReadonlyMap<string, BoardDetails> | undefined {
    return this.#boards
  }

  /** Connects at once, where it waits to or was denied. */
  connect(): void {
    const { kind } = this.#state
    if (kind === 'offline' || kind === 'denied') void this.#attempt()
  }

  /** The machine woke up, or has a network again. @internal */
  wake(): void {
    if (this.#state.kind === 'offline') void this.#attempt()
  }

  /** Ends it for good. */
  close(): void {
    if (this.#state.kind === 'closed') return
    clearTimeout(this.#timer)
    this.#become({ kind: 'closed' })
    this.#abort?.abort()
    this.#deps.onClosed()
  }

  async #attempt(): Promise<void> {
    clearTimeout(this.#timer)
    this.#become({ kind: 'connecting', attempt: this.#failures + 1 })
    const { tokens, url, environment } = this.#deps
    const abort = new AbortController()
    this.#abort = abort
    let accessToken: string
    try {
      accessToken = await tokens.get()
    } catch (error) {
      if (!abort.signal.aborted) this.#follow(verdictOfTokenError(error))
      return
    }
    if (abort.signal.aborted) return
    const end = await readStream({
      url,
      accessToken,
      lastEventId: this.#lastEventId,
      fetch: environment.fetch,
      signal: abort.signal,
      event: (event) => this.#receive(event),
      id: (id) => {
        this.#lastEventId = id
      },
    })
    if (!abort.signal.aborted) this.#ended(end, accessToken)
  }

  #receive({ name, data }: ServerSentEvent): void {
    const told = JSON.parse(data)
    if (name === 'boards:initial') {
      this.#show(new Map(told.items.map((board: BoardDetails) => [board.id, board])))
      return
    }
    // What else the server says is for a newer SDK.
    if (!isToldOn(name)) return
    if (name === 'resumed') {
      this.#onlineSince = Date.now()
      this.#become({ kind: 'online' })
    } else if (name === 'boards:update' && this.#boards) {
      const boards = new Map(this.#boards)
      if (told.type === 'delete') boards.delete(told.data.id)
      else boards.set(told.data.id, told.data)
      this.#show(boards)
    }
    this.#events.emit(name, told as never)
  }

  #show(boards: ReadonlyMap<string, BoardDetails>): void {
    this.#boards = boards
    this.#events.emit('boards', this.#boards)
  }

  #ended({ error, code, retryMs }: StreamEnd, accessToken: string): void {
    const wasOnline = this.#state.kind === 'online'
    if (wasOnline && Date.now() - this.#onlineSince >= STABLE_MS) this.#failures = 0
    if (code === 'token_expired' || code === 'session_ended') {
      // Whether somebody has to sign in turns out with the next token.
      this.#deps.tokens.reject(accessToken)
      this.#follow({ kind: 'retry', code, afterMs: 0 })
    } else if (error) {
      const verdict = verdictOfError(error)
      if (verdict.kind === 'retry' && verdict.rejectsToken) this.#deps.tokens.reject(accessToken)
      const isGone = error instanceof MindfuseError && error.code === 'workspace_not_found'
      this.#follow(
        isGone ? { kind: 'denied', reason: 'workspace_not_found', code: error.code } : verdict,
      )
    } else {
      this.#follow({
        kind: 'retry',
        code: code ?? 'stream_ended',
        ...(retryMs !== undefined && { afterMs: retryMs }),
      })
    }
  }

  #follow(verdict: ReturnType<typeof verdictOfError> | (EventsState & { kind: 'denied' })): void {
    if (verdict.kind === 'denied') {
      this.#become(verdict as EventsState)
      return
    }
    const { code, afterMs, minMs = 0 } = verdict
    const delay = afterMs ?? minMs + fullJitter(this.#failures, this.#deps.environment.random)
    this.#failures++
    this.#timer = setTimeout(() => void this.#attempt(), delay)
    this.#become({ kind: 'offline', code, retryAt: Date.now() + delay })
  }

  #become(state: EventsState): void {
    this.#state = state
    this.#events.emit('status', state)
  }
}

const TOLD_ON = [
  'resumed',
  'boards:update',
  'members:update',
  'workspaces:update',
  'invites:update',
] as const

function isToldOn(name: string): name is (typeof TOLD_ON)[number] {
  return (TOLD_ON as readonly string[]).includes(name)
}
