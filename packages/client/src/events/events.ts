import type { BoardDetails } from '../api/boards.ts'
import type { Tokens } from '../auth/tokens.ts'
import { fullJitter, STABLE_MS } from '../backoff.ts'
import {
  type NextStep,
  nextStepAfterRefusal,
  nextStepAfterTokenError,
} from '../connection/next-step.ts'
import { Emitter } from '../emitter.ts'
import type { Environment } from '../environment.ts'
import { MindfuseError } from '../errors.ts'
import type { ServerSentEvent } from './event-parser.ts'
import { readStream, type StreamEnd } from './read-stream.ts'
import type { EventsState, ListEvents } from './types.ts'

/** What a stream of events needs. */
export interface EventsDeps {
  /** The address of `GET /api/events`, with its query. */
  url: string
  tokens: Tokens
  environment: Pick<Environment, 'fetch' | 'random'>
  onClosed: () => void
}

/**
 * Changes of your lists of boards, workspaces, members and invites, as they happen. Reconnects
 * automatically and resumes where it was.
 *
 * @example
 * ```ts
 * const events = client.events()
 * events.on('boards', (boards) => show(`${boards.size} boards`))
 * events.on('members:update', ({ type, data }) => show(`${type} ${data.userId}`))
 * events.close()
 * ```
 */
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

  /** {@link Client.events} opens it. @internal */
  constructor(deps: EventsDeps) {
    this.#deps = deps
    void this.#attempt()
  }

  /** Calls `listener` at each event. @returns a function that removes the listener */
  readonly on: Emitter<ListEvents>['on'] = (event, listener) => this.#events.on(event, listener)

  /** The state of the stream. */
  get status(): EventsState {
    return this.#state
  }

  /**
   * All boards that you can see, by their ids; `undefined` until the first list arrives. Each change
   * creates a new map.
   */
  get boards(): ReadonlyMap<string, BoardDetails> | undefined {
    return this.#boards
  }

  /** Connects immediately: skips the reconnect delay, and tries again after `denied`. */
  connect(): void {
    const { kind } = this.#state
    if (kind === 'offline' || kind === 'denied') void this.#attempt()
  }

  /** The machine woke up, or has a network again. @internal */
  wake(): void {
    if (this.#state.kind === 'offline') void this.#attempt()
  }

  /** Closes it for good. */
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
      if (!abort.signal.aborted) this.#follow(nextStepAfterTokenError(error))
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
    const update = JSON.parse(data)
    if (name === 'boards:initial') {
      this.#setBoards(new Map(update.items.map((board: BoardDetails) => [board.id, board])))
      return
    }
    // Unknown events are for a newer SDK.
    if (!isPublic(name)) return
    if (name === 'resumed') {
      this.#onlineSince = Date.now()
      this.#become({ kind: 'online' })
    } else if (name === 'boards:update' && this.#boards) {
      const boards = new Map(this.#boards)
      if (update.type === 'delete') boards.delete(update.data.id)
      else boards.set(update.data.id, update.data)
      this.#setBoards(boards)
    }
    this.#events.emit(name, update as never)
  }

  #setBoards(boards: ReadonlyMap<string, BoardDetails>): void {
    this.#boards = boards
    this.#events.emit('boards', this.#boards)
  }

  #ended({ error, code, retryMs }: StreamEnd, accessToken: string): void {
    const wasOnline = this.#state.kind === 'online'
    if (wasOnline && Date.now() - this.#onlineSince >= STABLE_MS) this.#failures = 0
    if (code === 'token_expired' || code === 'session_ended') {
      // The next token request shows whether the user has to sign in.
      this.#deps.tokens.reject(accessToken)
      this.#follow({ kind: 'retry', code, afterMs: 0 })
    } else if (error) {
      const next = nextStepAfterRefusal(error)
      if (next.kind === 'retry' && next.rejectsToken) this.#deps.tokens.reject(accessToken)
      const isGone = error instanceof MindfuseError && error.code === 'workspace_not_found'
      this.#follow(
        isGone ? { kind: 'denied', reason: 'workspace_not_found', code: error.code } : next,
      )
    } else {
      this.#follow({
        kind: 'retry',
        code: code ?? 'stream_ended',
        ...(retryMs !== undefined && { afterMs: retryMs }),
      })
    }
  }

  #follow(next: NextStep | (EventsState & { kind: 'denied' })): void {
    if (next.kind === 'denied') {
      this.#become(next as EventsState)
      return
    }
    const { code, afterMs, minMs = 0 } = next
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

const PUBLIC_EVENTS = [
  'resumed',
  'boards:update',
  'members:update',
  'workspaces:update',
  'invites:update',
  'memberships:update',
] as const

function isPublic(name: string): name is (typeof PUBLIC_EVENTS)[number] {
  return (PUBLIC_EVENTS as readonly string[]).includes(name)
}
