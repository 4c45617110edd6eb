import { type BoardEvents, keepsEdits, type ResetReason } from './events.ts'
import { Replica, type ReplicaDeps } from './replica.ts'

/** Shortest time between two resets, milliseconds. */
const MIN_RESET_INTERVAL_MS = 1_000

/**
 * How often in a row a document may fail before the board is given up: each time costs a download of
 * the board, and what makes Yjs fail on a new document mostly does so again.
 */
const MAX_FAILURES = 3

/** A document that has worked for this long ends a row of failures, milliseconds. */
const STABLE_MS = 60_000

/** From `live` through a reset and back; `closed` is final. */
type State =
  /** Local edits count. */
  | { kind: 'live'; lastResetAt: number }
  /** A reset is due, but the last one was a moment ago. The board counts as unsaved until then. */
  | { kind: 'reset-due'; timer: ReturnType<typeof setTimeout>; reason: ResetReason }
  /** `next` is read from local storage. Answers that arrive now are for the previous document. */
  | { kind: 'restoring'; next: Replica; reason: ResetReason }
  /** The server was asked for what `next` lacks. */
  | { kind: 'requesting'; next: Replica; reason: ResetReason }
  /** Every new document failed. */
  | { kind: 'given-up' }
  | { kind: 'closed' }

/** What a board's document needs of its session. */
export interface BoardDocumentDeps extends Omit<ReplicaDeps, 'onFailure'> {
  /** Applies what local storage has of the server's state, or drops that, if edits are kept. */
  restore: (next: Replica, reason: ResetReason) => Promise<void>
  /** Asks the server for what the document lacks. */
  request: (next: Replica, reason: ResetReason) => void
  /** Applies the edits that a reset keeps. */
  replay: (reason: ResetReason) => void
  /** A reset began, or is due. */
  onResetting: (reason: ResetReason) => void
  onReset: (change: BoardEvents['reset'][0]) => void
  /** Yjs failed, and a reset follows unless the board is given up. */
  onFailure: (cause: unknown, isGivenUp: boolean) => void
}

/**
 * The document of a board, and its reset to the server's state. Yjs cannot take back what was
 * applied, so a reset replaces the document with one that never contained it.
 */
export class BoardDocument {
  readonly #deps: BoardDocumentDeps
  #current: Replica
  #state: State = { kind: 'live', lastResetAt: Number.NEGATIVE_INFINITY }
  #failures = 0

  constructor(deps: BoardDocumentDeps) {
    this.#deps = deps
    this.#current = this.#newReplica()
  }

  /** What the application sees. */
  get current(): Replica {
    return this.#current
  }

  /** Whether edits can be made: not while they would be lost with the document, nor after `close`. */
  get isEditable(): boolean {
    if (this.#current.hasFailed) return false
    const { kind } = this.#state
    return kind === 'live' || kind === 'reset-due' || this.#keepsEdits
  }

  /** Whether edits have yet to be taken back, or moved to a new document. */
  get isResetDue(): boolean {
    const { kind } = this.#state
    return kind === 'reset-due' || kind === 'given-up' || this.#keepsEdits
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  /** Begins a reset, unless one is under way: then only edits that it would keep are dropped too. */
  reset(reason: ResetReason): void {
    if ('reason' in this.#state) {
      if (!keepsEdits(reason)) this.#state.reason = reason
      return
    }
    if (this.#state.kind !== 'live') return
    const inMs = this.#state.lastResetAt + MIN_RESET_INTERVAL_MS - Date.now()
    if (inMs > 0) this.#postpone(inMs, reason)
    else void this.#restore(reason)
    this.#deps.onResetting(reason)
  }

  /** Tries again after the board was given up. */
  retry(): void {
    if (this.#state.kind !== 'given-up') return
    this.#failures = 0
    this.#state = { kind: 'live', lastResetAt: Number.NEGATIVE_INFINITY }
    this.reset('document_failed')
  }

  /** The server answered every request. @returns whether `current` is up to date */
  answered(): boolean {
    if (this.#state.kind === 'requesting') this.#replace(this.#state)
    return this.#state.kind === 'live' || (this.#state.kind === 'reset-due' && !this.#keepsEdits)
  }

  /** The document stays readable. */
  close(): void {
    if (this.#state.kind === 'reset-due') clearTimeout(this.#state.timer)
    this.#state = { kind: 'closed' }
    this.#current.release()
  }

  get #keepsEdits(): boolean {
    return 'reason' in this.#state && keepsEdits(this.#state.reason)
  }

  #postpone(ms: number, reason: ResetReason): void {
    const timer = setTimeout(() => {
      // It may have changed meanwhile.
      const due = this.#state.kind === 'reset-due' ? this.#state.reason : reason
      this.#state = { kind: 'live', lastResetAt: Number.NEGATIVE_INFINITY }
      this.reset(due)
    }, ms)
    this.#state = { kind: 'reset-due', timer, reason }
  }

  async #restore(reason: ResetReason): Promise<void> {
    const next = this.#newReplica()
    const restoring: State = { kind: 'restoring', next, reason }
    this.#state = restoring
    await this.#deps.restore(next, reason)
    // It was closed, or it failed.
    if (this.#state !== restoring) return
    this.#state = { kind: 'requesting', next, reason: restoring.reason }
    this.#deps.request(next, restoring.reason)
  }

  #replace(requesting: State & { kind: 'requesting' }): void {
    const { next, reason } = requesting
    this.#deps.replay(reason)
    // An edit made it fail.
    if (this.#state !== requesting) return
    this.#state = { kind: 'live', lastResetAt: Date.now() }
    const { doc: refused, awarenessRelay } = this.#current
    this.#current.release()
    this.#current = next
    if (awarenessRelay) next.awareness.setLocalState({})
    this.#deps.onReset({ doc: next.doc, refused, reason })
  }

  #failed(replica: Replica, cause: unknown): void {
    const { kind } = this.#state
    const next = 'next' in this.#state ? this.#state.next : undefined
    const isNext = replica === next
    const isCurrent = replica === this.#current && kind === 'live'
    if (!isNext && !isCurrent) return
    const { lastResetAt } = kind === 'live' ? this.#state : { lastResetAt: Date.now() }
    if (isCurrent && Date.now() - lastResetAt > STABLE_MS) this.#failures = 0
    if (++this.#failures > MAX_FAILURES) {
      this.#state = { kind: 'given-up' }
      next?.release()
      this.#deps.onFailure(cause, true)
      return
    }
    const reason = 'reason' in this.#state ? this.#state.reason : 'document_failed'
    next?.release()
    this.#deps.onFailure(cause, false)
    this.#state = { kind: 'live', lastResetAt }
    this.reset(reason)
  }

  #newReplica(): Replica {
    const replica: Replica = new Replica({
      ...this.#deps,
      onEdit: (update) => {
        // An edit on a document that is being replaced goes with it, unless the reset keeps edits.
        if (replica === this.#current && (this.isEditable || this.#keepsEdits)) {
          this.#deps.onEdit(update)
        }
      },
      onRemote: (update) => {
        // While two documents receive the same update, only the newer one is stored.
        const newest = 'next' in this.#state ? this.#state.next : this.#current
        if (replica === newest) this.#deps.onRemote(update)
      },
      onFailure: (cause) => this.#failed(replica, cause),
    })
    return replica
  }
}
