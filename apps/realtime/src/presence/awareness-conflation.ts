import type { AwarenessEntry } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import type { Metrics } from '../metrics.ts'
import type { People } from '../person/people.ts'
import { DeferredStates } from './deferred-states.ts'

/** For how long awareness over its rate is deferred, milliseconds, and again until its bytes are paid for. */
const CONFLATION_WINDOW_MS = 33

/** What bounding awareness needs. */
export interface AwarenessConflationDeps {
  people: People
  metrics: Pick<Metrics, 'awareness'>
  log: Logger
  /** Called at once for what is within its rates. May throw MalformedFrameError. */
  handle(from: Connection, entries: readonly AwarenessEntry[]): void
}

/**
 * Bounds awareness with something new, by the frames of a connection and the bytes of a person: over these
 * rates only the newest state of each client in a window is handled.
 */
export class AwarenessConflation {
  readonly #deps: AwarenessConflationDeps
  readonly #deferred = new Map<Connection, DeferredStates>()

  constructor(deps: AwarenessConflationDeps) {
    this.#deps = deps
  }

  /** Receives a connection's entries, which are the caller's again when this returns. */
  receive(from: Connection, entries: readonly AwarenessEntry[]): void {
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0)
    if (from.rates.awareness.take() && this.#mayHandle(from, bytes)) {
      this.#deps.handle(from, entries)
      return
    }
    this.#deps.metrics.awareness.conflated++
    let deferred = this.#deferred.get(from)
    if (!deferred) {
      deferred = new DeferredStates()
      this.#deferred.set(from, deferred)
      this.#flushLater(from, deferred)
    }
    for (const entry of entries) deferred.add(entry)
  }

  /** A connection ended. */
  forget(connection: Connection): void {
    this.#deferred.delete(connection)
  }

  #flushLater(from: Connection, deferred: DeferredStates): void {
    setTimeout(() => {
      if (from.isClosed || this.#deferred.get(from) !== deferred) return
      if (!this.#mayHandle(from, deferred.bytes)) {
        this.#flushLater(from, deferred)
        return
      }
      this.#deferred.delete(from)
      const { log, handle } = this.#deps
      guardFrame(from, log, () => handle(from, deferred.entries))
    }, CONFLATION_WINDOW_MS)
  }

  #mayHandle({ userId }: Connection, bytes: number): boolean {
    return this.#deps.people.find(userId)?.awarenessBytes.take(bytes) ?? true
  }
}
