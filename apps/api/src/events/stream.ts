import type { ServerResponse } from 'node:http'
import {
  type Chunk,
  COMMENT,
  eventFrame,
  positionFrame,
  retryFrame,
  type StreamEventName,
} from './frames.ts'
import type { StreamMetrics } from './metrics.ts'

/** Past so much that its reader has not taken, a stream is closed, bytes. */
const MAX_UNREAD_BYTES = 1024 * 1024

/** How soon a client comes back whose line broke, milliseconds. */
const RETRY_MS = 2_000

/** Why a stream ends, where coming back with the same would not help. */
export type EndCode = 'token_expired' | 'session_ended' | 'unavailable'

/** Whose stream it is and what they want to see. */
export interface StreamOwner {
  userId: string
  sessionId: string
  /** Only this workspace's changes; undefined for all. */
  workspaceId: string | undefined
  /** When what they authenticated with ends, in the time of `performance.now()`. */
  authenticatedUntil: number
}

/** Changes that come while the stream does not know yet where it stands. */
interface CatchingUp {
  kind: 'catching-up'
  waiting: { seq: number; chunk: Chunk }[]
  bytes: number
}

type State = CatchingUp | { kind: 'live' } | { kind: 'ended' }

/** One open event stream. It is closed rather than made to hold what its reader does not take. */
export class Stream {
  readonly owner: StreamOwner
  /** In the time of `performance.now()`. */
  readonly openedAt = performance.now()
  /** Resolves once nothing more can be written. */
  readonly closed: Promise<void>
  readonly #response: ServerResponse
  readonly #metrics: StreamMetrics
  #state: State = { kind: 'catching-up', waiting: [], bytes: 0 }
  /** The newest change that it was sent. */
  #position = 0

  constructor(deps: { owner: StreamOwner; response: ServerResponse; metrics: StreamMetrics }) {
    this.owner = deps.owner
    this.#response = deps.response
    this.#metrics = deps.metrics
    this.closed = new Promise((resolve) => this.#response.once('close', () => resolve()))
    this.#response.on('error', () => this.destroy())
    this.#response.write(retryFrame(RETRY_MS))
  }

  get isLive(): boolean {
    return this.#state.kind === 'live'
  }

  get isOpen(): boolean {
    return this.#state.kind !== 'ended'
  }

  /** Bytes that its reader has not taken, as far as this process holds them. */
  get unreadBytes(): number {
    const waiting = this.#state.kind === 'catching-up' ? this.#state.bytes : 0
    return waiting + this.#response.writableLength
  }

  /** From here on changes are held until {@link goLive}. */
  catchUp(): void {
    if (this.#state.kind === 'live') this.#state = { kind: 'catching-up', waiting: [], bytes: 0 }
  }

  /** Sends an event of its own, while it catches up. */
  send(name: StreamEventName, data: unknown, id?: number): void {
    const frame = eventFrame({ name, json: JSON.stringify(data), ...(id !== undefined && { id }) })
    this.write({ bytes: Buffer.from(frame), names: [name] })
  }

  /** Writes what it missed, however much. */
  write({ bytes, names }: Chunk): void {
    if (!this.isOpen) return
    this.#response.write(bytes)
    this.#metrics.countSent(names)
  }

  /** Resolves once its reader has taken all that was written, and closes it after `timeoutMs`. */
  drained(timeoutMs: number): Promise<void> {
    if (!this.isOpen || !this.#response.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#response.off('drain', done)
        this.#response.off('close', done)
        resolve()
      }
      const timer = setTimeout(() => this.#overflow(), timeoutMs)
      this.#response.once('drain', done)
      this.#response.once('close', done)
    })
  }

  /** It knows all up to `position`: what came meanwhile follows, and then what comes. */
  goLive(position: number): void {
    if (this.#state.kind !== 'catching-up') return
    const { waiting } = this.#state
    this.#state = { kind: 'live' }
    this.#position = position
    for (const { seq, chunk } of waiting) this.push(seq, chunk)
  }

  /** A change, in the order of its number. */
  push(seq: number, chunk: Chunk): void {
    if (this.#state.kind === 'catching-up') {
      this.#state.waiting.push({ seq, chunk })
      this.#state.bytes += chunk.bytes.length
      if (this.#state.bytes > MAX_UNREAD_BYTES) this.#overflow()
    } else if (this.#state.kind === 'live' && seq > this.#position) {
      this.#position = seq
      this.write(chunk)
      if (this.#response.writableLength > MAX_UNREAD_BYTES) this.#overflow()
    }
  }

  /** Keeps proxies from closing the connection as idle, and sends how far the stream is complete. */
  comment(position: number | undefined): void {
    if (!this.isOpen) return
    const isBehind = position !== undefined && position > this.#position
    if (this.#state.kind === 'live' && isBehind) {
      this.#position = position
      this.#response.write(COMMENT + positionFrame(position))
    } else {
      this.#response.write(COMMENT)
    }
    if (this.#response.writableLength > MAX_UNREAD_BYTES) this.#overflow()
  }

  /** Ends it gracefully. @param options.retryMs when its client should reconnect */
  end(options: { retryMs?: number; code?: EndCode } = {}): void {
    if (!this.isOpen) return
    const { retryMs, code } = options
    if (retryMs !== undefined) this.#response.write(retryFrame(retryMs))
    if (code !== undefined) this.send('error', { code })
    this.#state = { kind: 'ended' }
    this.#response.end()
  }

  /** Ends it at once, whatever its reader has not taken. */
  destroy(): void {
    this.#state = { kind: 'ended' }
    this.#response.destroy()
  }

  #overflow(): void {
    if (!this.isOpen) return
    this.#metrics.overflows.inc()
    this.destroy()
  }
}
