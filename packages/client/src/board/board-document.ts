import type { Doc } from 'yjs'
import type { BoardEvents, ResetReason } from './events.ts'
import { Replica, type ReplicaDeps } from './replica.ts'

/** Shortest time between two resets, milliseconds. */
const MIN_RESET_INTERVAL_MS = 1_000

/** From `live` through a reset and back; `closed` is final. */
type State =
  /** Local edits count. */
  | { kind: 'live'; lastResetAt: number }
  /** A reset is due, but the last one was a moment ago. The board counts as unsaved until then. */
  | { kind: 'reset-due'; timer: ReturnType<typeof setTimeout> }
  /** `next` is read from local storage. Answers that arrive now are for the previous document. */
  | { kind: 'restoring'; next: Replica }
  /** The server was asked for what `next` lacks. */
  | { kind: 'requesting'; next: Replica; reason: ResetReason }
  | { kind: 'closed' }

/** What a board's document needs of its session. */
export interface BoardDocumentDeps extends ReplicaDeps {
  /** Applies what local storage has of the server's state. */
  restore: (next: Doc) => Promise<void>
  /** Asks the server for what the document lacks. */
  request: (next: Doc) => void
  /** A reset began, or is due. */
  onResetting: () => void
  onReset: (change: BoardEvents['reset'][0]) => void
}

/**
 * The document of a board, and its reset to the server's state. Yjs cannot take back what was
 * applied, so a reset replaces the document with one that never contained it: what local storage
 * has of the server's state, and what the server has beyond that.
 */
export class BoardDocument {
  readonly #deps: BoardDocumentDeps
  #current: Replica
  #state: State = { kind: 'live', lastResetAt: Number.NEGATIVE_INFINITY }

  constructor(deps: BoardDocumentDeps) {
    this.#deps = deps
    this.#current = this.#newReplica()
  }

  /** What the application sees. */
  get current(): Replica {
    return this.#current
  }

  /** Whether edits can be made: not while the document is replaced, nor after `close`. */
  get isEditable(): boolean {
    return this.#state.kind === 'live' || this.#state.kind === 'reset-due'
  }

  /** Whether something has to be taken back, and the reset has not begun yet. */
  get isResetDue(): boolean {
    return this.#state.kind === 'reset-due'
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  /** Begins a reset, unless one is under way. */
  reset(reason: ResetReason): void {
    if (this.#state.kind !== 'live') return
    const inMs = this.#state.lastResetAt + MIN_RESET_INTERVAL_MS - Date.now()
    if (inMs > 0) this.#postpone(inMs, reason)
    else void this.#restore(reason)
    this.#deps.onResetting()
  }

  /** The server answered every request. @returns whether `current` is up to date */
  answered(): boolean {
    if (this.#state.kind === 'requesting') this.#replace(this.#state)
    return this.isEditable
  }

  /** The document stays readable. */
  close(): void {
    if (this.#state.kind === 'reset-due') clearTimeout(this.#state.timer)
    this.#state = { kind: 'closed' }
    this.#current.release()
  }

  #postpone(ms: number, reason: ResetReason): void {
    const timer = setTimeout(() => {
      this.#state = { kind: 'live', lastResetAt: Number.NEGATIVE_INFINITY }
      this.reset(reason)
    }, ms)
    this.#state = { kind: 'reset-due', timer }
  }

  async #restore(reason: ResetReason): Promise<void> {
    const next = this.#newReplica()
    const restoring: State = { kind: 'restoring', next }
    this.#state = restoring
    await this.#deps.restore(next.doc)
    // It was closed meanwhile.
    if (this.#state !== restoring) return
    this.#state = { kind: 'requesting', next, reason }
    this.#deps.request(next.doc)
  }

  #replace({ next, reason }: State & { kind: 'requesting' }): void {
    this.#state = { kind: 'live', lastResetAt: Date.now() }
    const { doc: refused, awarenessRelay } = this.#current
    this.#current.release()
    this.#current = next
    if (awarenessRelay) next.awareness.setLocalState({})
    this.#deps.onReset({ doc: next.doc, refused, reason })
  }

  #newReplica(): Replica {
    const replica: Replica = new Replica({
      ...this.#deps,
      onEdit: (update) => {
        // An edit on a document that is being replaced goes with it.
        if (replica === this.#current && this.isEditable) this.#deps.onEdit(update)
      },
      onRemote: (update) => {
        // While two documents receive the same update, only the newer one is stored.
        const newest = 'next' in this.#state ? this.#state.next : this.#current
        if (replica === newest) this.#deps.onRemote(update)
      },
    })
    return replica
  }
}
