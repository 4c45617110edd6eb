import {
  type Authorization,
  type DomainEvent,
  MAX_AUTHORIZATIONS,
  parseDomainEvent,
  workspaceOf,
} from '@mindfuse/internal'
import { CLOSE_CODES } from '@mindfuse/protocol'
import {
  type Logger,
  OutageLog,
  parseTraceparent,
  SPAN_KINDS,
  type Span,
  type TraceContext,
  type Tracer,
} from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import type { Connection } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import type { Grant } from '../connection/grant.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { NewChanges, RecentChanges } from './recent-changes.ts'

/** How often every connection is checked by default, milliseconds. */
const SWEEP_INTERVAL_MS = 30_000

/** How soon a check that the API did not answer is retried, milliseconds. */
const RETRY_DELAY_MS = 500

/** Most requests under way: a change just received does not wait for the answer to another. */
const MAX_CHECKS_AT_ONCE = 4

/** How long a connection goes on while what it may do is in doubt and the API does not answer, milliseconds. */
const MAX_DOUBT_MS = 500

/** Connections that a change put in doubt, until each has been checked. */
interface Doubt {
  /** Requests that were sent before do not count. */
  generation: number
  connections: Set<Connection>
  timer: NodeJS.Timeout
  settled: Promise<void>
  settle: () => void
}

/**
 * Keeps what each connection may do, its user's name, and its board's, up to date while it is open. Changes arrive as events and are
 * applied in place; a sweep makes up for lost events.
 */
export class AccessMonitor {
  readonly #connections: Connections
  readonly #api: ApiClient
  readonly #log: Logger
  readonly #outage: OutageLog
  readonly #tracer: Tracer | undefined
  readonly #recent: RecentChanges
  readonly #unsubscribe: () => void
  readonly #sweepTimer: NodeJS.Timeout
  readonly #onPermitted: (connection: Connection) => void
  readonly #onRenamed: (connection: Connection) => void
  readonly #onBoardName: (boardId: string, name: string) => void
  readonly #onResumed: (connection: Connection) => void
  readonly #doubts = new Set<Doubt>()
  #generation = 0
  #toCheck = new Set<Connection>()
  /** The trace of the newest event with a pending check; the check may be for several events. */
  #cause: TraceContext | undefined
  #checks = 0
  #isStopped = false

  constructor(deps: {
    connections: Connections
    api: ApiClient
    recent: RecentChanges
    sharedState: SharedState
    log: Logger
    tracer?: Tracer | undefined
    /** What a connection may do has changed, in place. */
    onPermitted: (connection: Connection) => void
    /** The user of a connection is called something else. */
    onRenamed: (connection: Connection) => void
    /** What a board is called, as often as one of its connections is checked. */
    onBoardName: (boardId: string, name: string) => void
    /** A connection that was held on its own account may go on. */
    onResumed: (connection: Connection) => void
    /** How often every connection is checked, in case an event was lost, milliseconds. */
    sweepIntervalMs?: number
  }) {
    this.#connections = deps.connections
    this.#api = deps.api
    this.#recent = deps.recent
    this.#log = deps.log
    this.#outage = new OutageLog({
      log: deps.log,
      failed: 'access check failed',
      recovered: 'access is checked again',
    })
    this.#tracer = deps.tracer
    this.#onPermitted = deps.onPermitted
    this.#onRenamed = deps.onRenamed
    this.#onBoardName = deps.onBoardName
    this.#onResumed = deps.onResumed
    this.#unsubscribe = deps.sharedState.events.subscribe((message) => this.#onEvent(message))
    // Events are lost while the connection to the shared state is interrupted.
    deps.sharedState.relay.onInterrupted(() => this.sweep())
    this.#sweepTimer = setInterval(() => this.sweep(), deps.sweepIntervalMs ?? SWEEP_INTERVAL_MS)
  }

  /** Whether no newer access is known. Check in the turn in which the grant takes effect. */
  isUpToDate({ boardId, version, lease }: Grant): boolean {
    return this.#recent.isUpToDate({ boardId, version, sessionId: lease.sessionId })
  }

  /** Whether a session has ended recently. */
  hasEnded(sessionId: string): boolean {
    return this.#recent.hasEnded(sessionId)
  }

  /** Checks every connection. */
  sweep(): void {
    this.#check(this.#connections.all)
  }

  /** Applies changes that are new. */
  apply({ boardIds, sessionIds }: NewChanges): void {
    if (sessionIds.size > 0) {
      for (const connection of this.#connections.all) {
        if (sessionIds.has(connection.sessionId)) endSession(connection)
      }
    }
    this.#doubt(boardIds.flatMap((boardId) => [...this.#connections.onBoard(boardId)]))
  }

  /** Any change may have been missed: what each connection may do is in doubt until it is checked. */
  doubtAll(): void {
    this.#doubt(this.#connections.all)
  }

  /** Holds each connection that is in doubt. */
  holdDoubtful(): void {
    for (const { connections } of this.#doubts) {
      for (const connection of connections) connection.hold()
    }
  }

  /** Resolves once every connection that is in doubt now has been checked. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#doubts, ({ settled }) => settled))
  }

  stop(): void {
    this.#isStopped = true
    for (const { timer } of this.#doubts) clearTimeout(timer)
    this.#unsubscribe()
    clearInterval(this.#sweepTimer)
  }

  #onEvent(message: string): void {
    const event = parseDomainEvent(message)
    if (!event) {
      this.#log.warn('malformed event')
      return
    }
    const span = this.#trace(event)
    this.apply(this.#recent.add(event))
    if (event.type === 'user.updated') this.#checkUser(event.userId)
    if (event.type === 'board.updated' && event.boardId !== null) this.#checkBoard(event.boardId)
    span?.end()
  }

  #checkUser(userId: string | null): void {
    this.#check([...this.#connections.all].filter((connection) => connection.userId === userId))
  }

  /** The answer about one connection has the name of the board for all of them. */
  #checkBoard(boardId: string): void {
    const [connection] = this.#connections.onBoard(boardId)
    if (connection) this.#check([connection])
  }

  /** Continues the trace of the request that made the change, if there is one. */
  #trace({ type, seq, boardId, traceparent }: DomainEvent): Span | undefined {
    const parent = parseTraceparent(traceparent)
    if (!this.#tracer || !parent) return undefined
    const attributes = { seq, boardId: boardId ?? undefined }
    const span = this.#tracer.start(type, { kind: SPAN_KINDS.CONSUMER, parent, attributes })
    this.#cause = span.context
    this.#log.info({ traceId: parent.traceId, type, seq, boardId }, 'event received')
    return span
  }

  #doubt(connections: Iterable<Connection>): void {
    const doubtful = new Set(connections)
    if (doubtful.size === 0) return
    let settle!: () => void
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    const timer = setTimeout(() => {
      for (const connection of doubtful) connection.hold()
    }, MAX_DOUBT_MS)
    const generation = ++this.#generation
    this.#doubts.add({ generation, connections: doubtful, timer, settled, settle })
    this.#check(doubtful)
  }

  /** A request that was sent at a generation has told of these connections. */
  #dispel(connections: readonly Connection[], generation: number): void {
    for (const doubt of this.#doubts) {
      if (doubt.generation > generation) continue
      for (const connection of connections) doubt.connections.delete(connection)
      if (doubt.connections.size > 0) continue
      clearTimeout(doubt.timer)
      this.#doubts.delete(doubt)
      doubt.settle()
    }
    for (const connection of connections) {
      if (connection.isClosed || !connection.isDoubted || this.#isDoubted(connection)) continue
      connection.release()
      this.#onResumed(connection)
    }
  }

  #isDoubted(connection: Connection): boolean {
    for (const { connections } of this.#doubts) if (connections.has(connection)) return true
    return false
  }

  /** The newest first: a change of access must not wait for a sweep over all connections. */
  #check(connections: Iterable<Connection>): void {
    this.#toCheck = new Set([...connections, ...this.#toCheck])
    if (this.#toCheck.size > 0 && this.#checks < MAX_CHECKS_AT_ONCE) void this.#run()
  }

  async #run(): Promise<void> {
    this.#checks++
    while (this.#toCheck.size > 0 && !this.#isStopped) {
      const chunk = [...this.#toCheck].slice(0, MAX_AUTHORIZATIONS)
      for (const connection of chunk) this.#toCheck.delete(connection)
      const generation = this.#generation
      const live = chunk.filter((connection) => !connection.isClosed)
      if (live.length < chunk.length) {
        this.#dispel(
          chunk.filter(({ isClosed }) => isClosed),
          generation,
        )
      }
      if (live.length === 0) continue
      const cause = this.#cause
      this.#cause = undefined
      const sessions = live.map(({ sessionId }) => sessionId)
      try {
        const results = await this.#api.authorizations(live, cause)
        this.#outage.recover()
        const checked = live.filter((connection, i) => {
          const authorization = results[i]
          // A newer token may have moved it to another session meanwhile, which the answer is not about.
          const isAnswered = authorization && connection.sessionId === sessions[i]
          if (isAnswered) this.#apply(connection, authorization)
          else this.#toCheck.add(connection)
          return isAnswered
        })
        this.#dispel(checked, generation)
      } catch (error) {
        this.#outage.fail(error, { connections: live.length })
        for (const connection of live) this.#toCheck.add(connection)
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS))
      }
    }
    this.#checks--
  }

  #apply(connection: Connection, authorization: Authorization): void {
    if (apply(connection, authorization)) this.#onPermitted(connection)
    const { userName, boardName } = authorization
    if (userName !== undefined && connection.rename(userName)) this.#onRenamed(connection)
    if (boardName !== undefined) this.#onBoardName(connection.boardId, boardName)
  }
}

/** @returns whether it goes on, and may do something else than before */
function apply(connection: Connection, authorization: Authorization): boolean {
  const { role, version, canBroadcast, boardExists, sessionLives } = authorization
  if (sessionLives && version > 0 && version < connection.accessVersion) {
    // Two checks were under way, and this is the older answer. Version 0 stands for no board.
    return false
  }
  connection.accessVersion = version
  if (sessionLives && boardExists && role !== null) return connection.permit({ role, canBroadcast })
  if (!sessionLives) endSession(connection)
  else if (!boardExists) connection.revoke(CLOSE_CODES.BOARD_GONE, `${whatIs(connection)} is gone`)
  else connection.revoke(CLOSE_CODES.ACCESS_REMOVED, 'access was removed')
  return false
}

function whatIs({ boardId }: Connection): string {
  return workspaceOf(boardId) === undefined ? 'the board' : 'the workspace'
}

function endSession(connection: Connection): void {
  connection.revoke(CLOSE_CODES.SESSION_ENDED, 'the session has ended')
}
