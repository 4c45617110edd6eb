import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { Logger } from '@mindfuse/service-kit'
import type { EventBus } from '@mindfuse/shared-state'
import type { Registry } from 'prom-client'
import type { ThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import { findSession } from '../sessions/repository.ts'
import { catchUp, type LastEvent, type ListSources, sendInitial } from './catch-up.ts'
import { readCurrentState } from './current-state.ts'
import { Feed } from './feed.ts'
import { createStreamMetrics, type StreamMetrics } from './metrics.ts'
import { type PresentedChange, presentChange } from './present.ts'
import type { OutboxRow } from './repository.ts'
import { createSlots } from './slots.ts'
import { Stream, type StreamOwner } from './stream.ts'

/** Most streams that one person may have open on an instance. */
export const MAX_STREAMS_PER_PERSON = 20

/** Most streams of an instance. */
const MAX_STREAMS = 20_000

/** Past so much that all readers together have not taken, no stream is opened, bytes. */
const MAX_TOTAL_UNREAD_BYTES = 256 * 1024 * 1024

/** `Retry-After` of a client that was refused a stream, seconds. */
export const RETRY_AFTER_SECONDS = 10

/** Streams that read what they missed at a time: the pool is there for requests, too. */
const CATCH_UPS_AT_ONCE = 4

/** How long a reader may take for what it missed, milliseconds. */
const CATCH_UP_READ_MS = 30_000

/** Most that is sent to a stream in one turn, bytes. */
const MAX_TURN_BYTES = 64 * 1024

/** How long sending changes may block the event loop, milliseconds. */
const MAX_TURN_MS = 10

/** How often streams are checked for what is due, milliseconds. */
const TICK_MS = 1_000

/** Ended streams come back spread over so long, milliseconds. */
const RETURN_SPREAD_MS = 10_000

/** How long readers have to take what ends their stream when the process stops, milliseconds. */
const STOP_MS = 1_000

/** The times that streams are kept by; see {@link DEFAULT_TIMES}. */
export interface StreamTimes {
  /** A comment at least so often, milliseconds. */
  commentMs: number
  /** No stream lasts longer, milliseconds. */
  maxLifeMs: number
}

const DEFAULT_TIMES: StreamTimes = { commentMs: 15_000, maxLifeMs: 30 * 60_000 }

/** Streams end spread over this share of their longest life: they may have begun together. */
const LIFE_JITTER = 0.1

/** What is due when for one stream, in the time of `performance.now()`. */
interface Schedule {
  commentAt: number
  endsAt: number
}

/** It ended between the request and its stream. */
class SessionEnded extends Error {}

/** All event streams of this instance. */
export class EventStreams {
  readonly #db: Database
  readonly #sources: ListSources
  readonly #log: Logger
  readonly #times: StreamTimes
  readonly #feed: Feed
  readonly #metrics: StreamMetrics
  readonly #timer: NodeJS.Timeout
  readonly #inSlot = createSlots(CATCH_UPS_AT_ONCE)
  readonly #schedules = new Map<Stream, Schedule>()
  readonly #byPerson = new Map<string, Set<Stream>>()
  readonly #mustReload = new WeakSet<Stream>()
  #unreadBytes = 0
  #isStopping = false

  constructor(deps: {
    db: Database
    events: EventBus
    log: Logger
    registry: Registry
    addresses: ThumbnailAddresses
    times?: Partial<StreamTimes> | undefined
  }) {
    const { db, events, log, registry, addresses } = deps
    this.#db = db
    this.#sources = { db, addresses }
    this.#log = log
    this.#times = { ...DEFAULT_TIMES, ...deps.times }
    this.#feed = new Feed({
      db,
      events,
      log,
      hasStreams: () => this.#schedules.size > 0,
      deliver: (rows) => this.#deliver(rows),
    })
    this.#metrics = createStreamMetrics(registry, () => ({
      open: this.#schedules.size,
      unreadBytes: this.#countUnread(),
    }))
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** Why another stream of this user is refused; undefined where it is not. */
  refusalOf(userId: string): ApiError | undefined {
    if ((this.#byPerson.get(userId)?.size ?? 0) >= MAX_STREAMS_PER_PERSON) {
      const detail = `You have ${MAX_STREAMS_PER_PERSON} event streams open: close one first`
      return new ApiError(429, 'too_many_streams', detail)
    }
    const isFull = this.#schedules.size >= MAX_STREAMS
    if (isFull || this.#isStopping || this.#unreadBytes > MAX_TOTAL_UNREAD_BYTES) {
      return new ApiError(
        503,
        'overloaded',
        'Too many event streams on this server; try again later',
      )
    }
    return undefined
  }

  /** Opens a stream on a response whose head has been written. */
  open(owner: StreamOwner, response: ServerResponse, last: LastEvent | undefined): void {
    const stream = new Stream({ owner, response, metrics: this.#metrics })
    const { commentMs, maxLifeMs } = this.#times
    const now = performance.now()
    this.#schedules.set(stream, {
      // Spread, or all that came together would be written to together.
      commentAt: now + Math.random() * commentMs,
      endsAt: now + maxLifeMs * (1 - LIFE_JITTER * Math.random()),
    })
    const streams = this.#byPerson.get(owner.userId) ?? new Set()
    this.#byPerson.set(owner.userId, streams.add(stream))
    response.once('close', () => this.#forget(stream))
    void this.#catchUp(stream, (position) => catchUp(this.#sources, stream, { last, position }))
  }

  /** Ends all streams; their clients come back spread over a while, to another instance. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    const open = [...this.#schedules.keys()]
    for (const stream of open) stream.end({ retryMs: this.#returnMs() })
    await Promise.race([
      Promise.all(open.map((stream) => stream.closed)),
      new Promise((resolve) => setTimeout(resolve, STOP_MS).unref()),
    ])
    for (const stream of open) stream.destroy()
    await this.#feed.stop()
  }

  #forget(stream: Stream): void {
    const { owner, openedAt } = stream
    stream.destroy()
    if (!this.#schedules.delete(stream)) return
    this.#metrics.life.observe((performance.now() - openedAt) / 1_000)
    const streams = this.#byPerson.get(owner.userId)
    streams?.delete(stream)
    if (streams?.size === 0) this.#byPerson.delete(owner.userId)
  }

  /** Sends a stream what it missed, while new changes are held; then it goes live. */
  async #catchUp(stream: Stream, send: (position: number) => Promise<number>): Promise<void> {
    stream.catchUp()
    try {
      const position = await this.#inSlot(async () => {
        if (!stream.isOpen) return 0
        // After it is registered: a later end of the session arrives as a change.
        const session = await findSession(this.#db, stream.owner.sessionId)
        if (!session) throw new SessionEnded()
        return send(await this.#feed.settled())
      })
      await stream.drained(CATCH_UP_READ_MS)
      if (this.#mustReload.delete(stream)) await this.#reload(stream)
      else stream.goLive(position)
    } catch (error) {
      if (error instanceof SessionEnded) {
        stream.end({ code: 'session_ended' })
        return
      }
      this.#log.warn({ err: error }, 'an event stream could not be sent what it missed')
      stream.end({ code: 'unavailable', retryMs: this.#returnMs() })
    }
  }

  /** Sends a stream its list again. */
  #reload(stream: Stream): Promise<void> {
    return this.#catchUp(stream, (position) => sendInitial(this.#sources, stream, position))
  }

  async #deliver(rows: OutboxRow[]): Promise<void> {
    const watchers = new Set(this.#byPerson.keys())
    const state = await readCurrentState(this.#db, rows, watchers)
    let bytes = 0
    let turnBegan = performance.now()
    for (const row of rows) {
      bytes += this.#send(presentChange(row, state, watchers, this.#sources.addresses))
      this.#metrics.lag.observe(Math.max(0, Date.now() - row.createdAt.getTime()) / 1_000)
      // Sockets are written only after the turn: a fast reader would look slow.
      if (bytes < MAX_TURN_BYTES && performance.now() - turnBegan < MAX_TURN_MS) continue
      await setImmediate()
      bytes = 0
      turnBegan = performance.now()
    }
  }

  /** @returns how many bytes one stream got at most */
  #send({ seq, workspaceId, groups, reload, sessionIds }: PresentedChange): number {
    let bytes = 0
    for (const { chunk, userIds } of groups) {
      bytes = Math.max(bytes, chunk.bytes.length)
      for (const userId of userIds) {
        for (const stream of this.#byPerson.get(userId) ?? []) {
          const wanted = stream.owner.workspaceId
          if (wanted === undefined || wanted === workspaceId) stream.push(seq, chunk)
        }
      }
    }
    for (const userId of reload) {
      for (const stream of this.#byPerson.get(userId) ?? []) {
        if (stream.isLive) void this.#reload(stream)
        else this.#mustReload.add(stream)
      }
    }
    if (sessionIds.length > 0) {
      const ended = new Set(sessionIds)
      for (const stream of this.#schedules.keys()) {
        if (ended.has(stream.owner.sessionId)) stream.end({ code: 'session_ended' })
      }
    }
    return bytes
  }

  #tick(): void {
    const now = performance.now()
    for (const [stream, schedule] of this.#schedules) {
      if (now >= stream.owner.authenticatedUntil) {
        stream.end({ code: 'token_expired' })
      } else if (now >= schedule.endsAt) {
        stream.end({ retryMs: this.#returnMs() })
      } else if (now >= schedule.commentAt) {
        schedule.commentAt = now + this.#times.commentMs
        stream.comment(this.#feed.position)
      }
    }
    this.#countUnread()
  }

  #countUnread(): number {
    this.#unreadBytes = 0
    for (const stream of this.#schedules.keys()) this.#unreadBytes += stream.unreadBytes
    return this.#unreadBytes
  }

  #returnMs(): number {
    return Math.random() * RETURN_SPREAD_MS
  }
}
