import {
  type Authorization,
  type DomainEvent,
  MAX_AUTHORIZATIONS,
  parseDomainEvent,
} from '@mindfuse/internal'
import { CLOSE_CODES } from '@mindfuse/protocol'
import {
  type Logger,
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

/** How often every connection is checked by default, milliseconds. */
const SWEEP_INTERVAL_MS = 30_000

/** How soon a check that the API did not answer is retried, milliseconds. */
const RETRY_DELAY_MS = 500

/** Most requests under way: a change just received does not wait for the answer to another. */
const MAX_CHECKS_AT_ONCE = 4

/** How long changes are kept for pending admissions, milliseconds; an admission takes less. */
const MEMORY_MS = 60_000

/**
 * Keeps what each connection may do up to date while it is open. Changes arrive as events and are
 * applied in place; a sweep makes up for lost events.
 */
export class AccessMonitor {
  readonly #connections: Connections
  readonly #api: ApiClient
  readonly #log: Logger
  readonly #tracer: Tracer | undefined
  /** Recent events: boards' newest access versions, and sessions that ended. */
  readonly #versions = new Map<string, { version: number; receivedAt: number }>()
  readonly #endedSessions = new Map<string, number>()
  readonly #unsubscribe: () => void
  readonly #sweepTimer: NodeJS.Timeout
  #toCheck = new Set<Connection>()
  /** The trace of the newest event with a pending check; the check may be for several events. */
  #cause: TraceContext | undefined
  #checks = 0
  #isStopped = false

  constructor(deps: {
    connections: Connections
    api: ApiClient
    sharedState: SharedState
    log: Logger
    tracer?: Tracer | undefined
    /** How often every connection is checked, in case an event was lost, milliseconds. */
    sweepIntervalMs?: number
  }) {
    this.#connections = deps.connections
    this.#api = deps.api
    this.#log = deps.log
    this.#tracer = deps.tracer
    this.#unsubscribe = deps.sharedState.events.subscribe((message) => this.#onEvent(message))
    // Events are lost while the connection to the shared state is interrupted.
    deps.sharedState.relay.onInterrupted(() => this.sweep())
    this.#sweepTimer = setInterval(() => this.sweep(), deps.sweepIntervalMs ?? SWEEP_INTERVAL_MS)
  }

  /** Whether no newer access is known. Check in the turn in which the grant takes effect. */
  isUpToDate({ boardId, version, lease }: Grant): boolean {
    const newest = this.#versions.get(boardId)
    return (
      !this.#endedSessions.has(lease.sessionId) &&
      (newest === undefined || newest.version <= version)
    )
  }

  /** Whether a session has ended recently. */
  hasEnded(sessionId: string): boolean {
    return this.#endedSessions.has(sessionId)
  }

  /** Checks every connection. */
  sweep(): void {
    const horizon = Date.now() - MEMORY_MS
    for (const [id, { receivedAt }] of this.#versions) {
      if (receivedAt < horizon) this.#versions.delete(id)
    }
    for (const [id, receivedAt] of this.#endedSessions) {
      if (receivedAt < horizon) this.#endedSessions.delete(id)
    }
    this.#check(this.#connections.all)
  }

  stop(): void {
    this.#isStopped = true
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
    const receivedAt = Date.now()
    for (const sessionId of event.sessions) this.#endedSessions.set(sessionId, receivedAt)
    if (event.sessions.length > 0) {
      for (const connection of this.#connections.all) {
        if (event.sessions.includes(connection.sessionId)) endSession(connection)
      }
    }
    for (const { boardId, version } of event.access) {
      const known = this.#versions.get(boardId)?.version ?? 0
      this.#versions.set(boardId, { version: Math.max(known, version), receivedAt })
      this.#check(this.#connections.onBoard(boardId))
    }
    span?.end()
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
      const live = chunk.filter((connection) => !connection.isClosed)
      if (live.length === 0) continue
      const cause = this.#cause
      this.#cause = undefined
      const sessions = live.map(({ sessionId }) => sessionId)
      try {
        const results = await this.#api.authorizations(live, cause)
        results.forEach((authorization, i) => {
          const connection = live[i]
          if (!connection) return
          // A newer token may have moved it to another session meanwhile, which the answer is not about.
          if (connection.sessionId === sessions[i]) apply(connection, authorization)
          else this.#toCheck.add(connection)
        })
      } catch (error) {
        this.#log.warn({ err: error, connections: live.length }, 'access check failed')
        for (const connection of live) this.#toCheck.add(connection)
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS))
      }
    }
    this.#checks--
  }
}

function apply(connection: Connection, authorization: Authorization): void {
  const { role, version, canBroadcast, boardExists, sessionLives } = authorization
  if (sessionLives && version > 0 && version < connection.accessVersion) {
    // Two checks were under way, and this is the older answer. Version 0 stands for no board.
    return
  }
  connection.accessVersion = version
  if (!sessionLives) endSession(connection)
  else if (!boardExists) connection.revoke(CLOSE_CODES.BOARD_GONE, 'the board is gone')
  else if (role === null) connection.revoke(CLOSE_CODES.ACCESS_REMOVED, 'access was removed')
  else connection.permit({ role, canBroadcast })
}

function endSession(connection: Connection): void {
  connection.revoke(CLOSE_CODES.SESSION_ENDED, 'the session has ended')
}
