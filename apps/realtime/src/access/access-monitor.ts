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

/** How often every connection is checked unless said otherwise, milliseconds. */
const SWEEP_INTERVAL_MS = 30_000

/** How soon a check is tried again that the API did not answer, milliseconds. */
const RETRY_DELAY_MS = 500

/** Most checks under way: a change that was just heard does not wait for the answer to another. */
const MAX_CHECKS_AT_ONCE = 4

/** How long a change is remembered for those being admitted, milliseconds; admission is shorter. */
const MEMORY_MS = 60_000

/**
 * Keeps authorization true for the life of a connection. Changes arrive as events and are applied
 * at once and in place; a sweep catches what no event told.
 */
export class AccessMonitor {
  readonly #connections: Connections
  readonly #api: ApiClient
  readonly #log: Logger
  readonly #tracer: Tracer | undefined
  /** What was heard lately: boards' newest access versions, and sessions that ended. */
  readonly #versions = new Map<string, { version: number; heardAt: number }>()
  readonly #endedSessions = new Map<string, number>()
  readonly #unsubscribe: () => void
  readonly #sweepTimer: NodeJS.Timeout
  #toCheck = new Set<Connection>()
  /** Of the newest event that has somebody checked; the check may be for several. */
  #cause: TraceContext | undefined
  #checks = 0
  #isStopped = false

  constructor(deps: {
    connections: Connections
    api: ApiClient
    sharedState: SharedState
    log: Logger
    tracer?: Tracer | undefined
    /** How often every connection is checked, in case an event was missed, milliseconds. */
    sweepIntervalMs?: number
  }) {
    this.#connections = deps.connections
    this.#api = deps.api
    this.#log = deps.log
    this.#tracer = deps.tracer
    this.#unsubscribe = deps.sharedState.events.subscribe((message) => this.#hear(message))
    // Events may have passed while the line was down.
    deps.sharedState.relay.onInterrupted(() => this.sweep())
    this.#sweepTimer = setInterval(() => this.sweep(), deps.sweepIntervalMs ?? SWEEP_INTERVAL_MS)
  }

  /** Whether what admission found out still stands. Ask in the turn in which it takes effect. */
  isUpToDate({ boardId, version, token }: Grant): boolean {
    const newest = this.#versions.get(boardId)
    return (
      !this.#endedSessions.has(token.sessionId) &&
      (newest === undefined || newest.version <= version)
    )
  }

  /** Whether a session ended lately. */
  hasEnded(sessionId: string): boolean {
    return this.#endedSessions.has(sessionId)
  }

  /** Checks every connection. */
  sweep(): void {
    const horizon = Date.now() - MEMORY_MS
    for (const [id, { heardAt }] of this.#versions) {
      if (heardAt < horizon) this.#versions.delete(id)
    }
    for (const [id, heardAt] of this.#endedSessions) {
      if (heardAt < horizon) this.#endedSessions.delete(id)
    }
    this.#check(this.#connections.all)
  }

  stop(): void {
    this.#isStopped = true
    this.#unsubscribe()
    clearInterval(this.#sweepTimer)
  }

  #hear(message: string): void {
    const event = parseDomainEvent(message)
    if (!event) {
      this.#log.warn('an event cannot be read')
      return
    }
    const span = this.#trace(event)
    const heardAt = Date.now()
    for (const sessionId of event.sessions) this.#endedSessions.set(sessionId, heardAt)
    if (event.sessions.length > 0) {
      for (const connection of this.#connections.all) {
        if (event.sessions.includes(connection.sessionId)) endSession(connection)
      }
    }
    for (const { boardId, version } of event.access) {
      const known = this.#versions.get(boardId)?.version ?? 0
      this.#versions.set(boardId, { version: Math.max(known, version), heardAt })
      this.#check(this.#connections.onBoard(boardId))
    }
    span?.end()
  }

  /** Follows the trace of the request that made a change, if there is one. */
  #trace({ type, seq, boardId, traceparent }: DomainEvent): Span | undefined {
    const parent = parseTraceparent(traceparent)
    if (!this.#tracer || !parent) return undefined
    const attributes = { seq, boardId: boardId ?? undefined }
    const span = this.#tracer.start(type, { kind: SPAN_KINDS.CONSUMER, parent, attributes })
    this.#cause = span.context
    this.#log.info({ traceId: parent.traceId, type, seq, boardId }, 'event heard')
    return span
  }

  /** The newest first: whose access just changed must not wait for a sweep over everybody. */
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
      try {
        const results = await this.#api.authorizations(live, cause)
        results.forEach((authorization, i) => {
          const connection = live[i]
          if (connection) apply(connection, authorization)
        })
      } catch (error) {
        this.#log.warn({ err: error, connections: live.length }, 'access cannot be checked')
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
    // Two checks were under way, and this is the older answer. Version 0 is no board's.
    return
  }
  connection.accessVersion = version
  if (!sessionLives) endSession(connection)
  else if (!boardExists) connection.revoke(CLOSE_CODES.BOARD_GONE, 'the board is gone')
  else if (role === null) connection.revoke(CLOSE_CODES.ACCESS_REMOVED, 'access was removed')
  else connection.permit({ role, canBroadcast })
}

function endSession(connection: Connection): void {
  connection.revoke(CLOSE_CODES.TOKEN_EXPIRED, 'the session has ended')
}
