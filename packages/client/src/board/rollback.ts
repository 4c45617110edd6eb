import type { ResetReason } from './events.ts'
import type { Replica } from './replica.ts'

/** Between taking back what was drawn and doing so again, milliseconds at least. */
const MIN_INTERVAL_MS = 1_000

/** How far a board is in going back to the server's state. */
type State =
  | { kind: 'none'; lastAt: number }
  /** It did so just now. */
  | { kind: 'waiting'; timer: ReturnType<typeof setTimeout> }
  /** What was kept is being read. Answers that come now are for the document before. */
  | { kind: 'reading'; next: Replica }
  /** The server was asked for what `next` lacks. */
  | { kind: 'asking'; next: Replica; reason: ResetReason }

/** What a rollback needs of its board. */
export interface RollbackDeps {
  newReplica: () => Replica
  /** Brings into the replica what was kept of the server's state. */
  read: (next: Replica) => Promise<void>
  /** Asks the server for what the replica lacks. */
  ask: (next: Replica) => void
  /** The replica has everything. */
  swap: (next: Replica, reason: ResetReason) => void
  /** It begins, or waits to. */
  onBegin: () => void
}

/**
 * Takes back what was drawn and refused. Yjs takes nothing back that was applied, so the document is
 * replaced by one that never had it: by what was kept of the server's state, and what the server
 * says is missing from that.
 */
export class Rollback {
  readonly #deps: RollbackDeps
  #state: State = { kind: 'none', lastAt: Number.NEGATIVE_INFINITY }
  #isStopped = false

  constructor(deps: RollbackDeps) {
    this.#deps = deps
  }

  /** What takes the place of the document, from the beginning until it does. */
  get next(): Replica | undefined {
    return 'next' in this.#state ? this.#state.next : undefined
  }

  /** Whether something is to be taken back that it has not begun with. */
  get isWaiting(): boolean {
    return this.#state.kind === 'waiting'
  }

  /** Begins, unless it has already. */
  begin(reason: ResetReason): void {
    if (this.#state.kind !== 'none' || this.#isStopped) return
    const inMs = this.#state.lastAt + MIN_INTERVAL_MS - Date.now()
    if (inMs > 0) this.#wait(inMs, reason)
    else void this.#read(reason)
    this.#deps.onBegin()
  }

  /** The server answered all it was asked. @returns whether the document is the board's now */
  answered(): boolean {
    if (this.#state.kind === 'reading') return false
    if (this.#state.kind !== 'asking') return true
    const { next, reason } = this.#state
    this.#state = { kind: 'none', lastAt: Date.now() }
    this.#deps.swap(next, reason)
    return true
  }

  stop(): void {
    this.#isStopped = true
    if (this.#state.kind === 'waiting') clearTimeout(this.#state.timer)
  }

  #wait(ms: number, reason: ResetReason): void {
    const timer = setTimeout(() => {
      this.#state = { kind: 'none', lastAt: Number.NEGATIVE_INFINITY }
      this.begin(reason)
    }, ms)
    this.#state = { kind: 'waiting', timer }
  }

  async #read(reason: ResetReason): Promise<void> {
    const next = this.#deps.newReplica()
    this.#state = { kind: 'reading', next }
    await this.#deps.read(next)
    if (this.#isStopped) return
    this.#state = { kind: 'asking', next, reason }
    this.#deps.ask(next)
  }
}
