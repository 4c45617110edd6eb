import type { AnnouncedLimits } from '@mindfuse/protocol'
import { Awareness } from 'y-protocols/awareness'
import { applyUpdate, Doc, transact, UndoManager } from 'yjs'
import type { MindfuseError } from '../errors.ts'
import { AwarenessRelay } from '../presence/awareness-relay.ts'
import { REMOTE_ORIGIN, STORE_ORIGIN } from '../sync/origins.ts'
import { TransactionWatch } from './transaction-watch.ts'

/** What a replica needs. */
export interface ReplicaDeps {
  /** A local edit, or an update that the application applied. */
  onEdit: (update: Uint8Array) => void
  /** An edit from the server. */
  onRemote: (update: Uint8Array) => void
  /** Yjs failed: edits of this document may reach nobody. */
  onFailure: (cause: unknown) => void
  send: (frame: Uint8Array) => boolean
  /** What the gateway announced; undefined while the board is offline. */
  limits: () => AnnouncedLimits | undefined
  onError: (error: MindfuseError) => void
}

/** The local copy of a board's document, with everything that is tied to this document object. */
export class Replica {
  readonly doc = new Doc()
  /** Undoes local edits: transactions without an origin, unless more origins are tracked. */
  readonly undoManager: UndoManager
  readonly #deps: ReplicaDeps
  readonly #watch: TransactionWatch
  #awareness: { awareness: Awareness; relay: AwarenessRelay } | undefined

  constructor(deps: ReplicaDeps) {
    this.#deps = deps
    // Before the listeners of anyone else: an exception in theirs ends an event.
    this.#watch = new TransactionWatch(this.doc, deps.onFailure)
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === REMOTE_ORIGIN) deps.onRemote(update)
      else if (origin !== STORE_ORIGIN) deps.onEdit(update)
    })
    this.undoManager = new UndoManager(this.doc)
  }

  /** Whether Yjs failed; such a document is readable at best. */
  get hasFailed(): boolean {
    return this.#watch.hasFailed
  }

  /** Whether a local change was made that has produced no update, or not yet. */
  get hasSilentEdit(): boolean {
    return this.#watch.hasSilentEdit
  }

  /** Created on first use: every client on the board pays a frame now and then for it. */
  get awareness(): Awareness {
    if (!this.#awareness) {
      const awareness = new Awareness(this.doc)
      const { send, onError } = this.#deps
      const relay = new AwarenessRelay(awareness, { send, onError })
      this.#awareness = { awareness, relay }
      const limits = this.#deps.limits()
      if (limits) relay.open(limits)
    }
    return this.#awareness.awareness
  }

  get awarenessRelay(): AwarenessRelay | undefined {
    return this.#awareness?.relay
  }

  /**
   * Applies updates in one transaction, unless the document has failed. If Yjs throws, it fails now.
   *
   * @throws what an observer of the application throws; the updates are applied nevertheless
   */
  apply(updates: readonly Uint8Array[], origin: symbol): void {
    if (this.hasFailed || updates.length === 0) return
    let isIntegrated = false
    const integrate = () => {
      for (const update of updates) applyUpdate(this.doc, update, origin)
      isIntegrated = true
    }
    try {
      transact(this.doc, integrate, origin, false)
    } catch (error) {
      if (isIntegrated && !this.#watch.isOpen) throw error
      this.#watch.fail(error)
    }
  }

  /** Another document takes its place; this one stays readable. */
  release(): void {
    this.#awareness?.relay.close()
    this.undoManager.destroy()
  }
}
