import { Awareness } from 'y-protocols/awareness'
import { Doc, UndoManager } from 'yjs'
import type { MindfuseError } from '../errors.ts'
import { AwarenessRelay } from '../presence/awareness-relay.ts'
import { REMOTE_ORIGIN, STORE_ORIGIN } from '../sync/origins.ts'

/** What a replica needs. */
export interface ReplicaDeps {
  /** A local edit, or an update that the application applied. */
  onEdit: (update: Uint8Array) => void
  /** An edit from the server. */
  onRemote: (update: Uint8Array) => void
  send: (frame: Uint8Array) => boolean
  isOnline: () => boolean
  onError: (error: MindfuseError) => void
}

/** The local copy of a board's document, with everything that is tied to this document object. */
export class Replica {
  readonly doc = new Doc()
  /** Undoes local edits: transactions without an origin, unless more origins are tracked. */
  readonly undoManager = new UndoManager(this.doc)
  readonly #deps: ReplicaDeps
  #awareness: { awareness: Awareness; relay: AwarenessRelay } | undefined

  constructor(deps: ReplicaDeps) {
    this.#deps = deps
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === REMOTE_ORIGIN) deps.onRemote(update)
      else if (origin !== STORE_ORIGIN) deps.onEdit(update)
    })
  }

  /** Created on first use: every client on the board pays a frame now and then for it. */
  get awareness(): Awareness {
    if (!this.#awareness) {
      const awareness = new Awareness(this.doc)
      const { send, onError } = this.#deps
      const relay = new AwarenessRelay(awareness, { send, onError })
      this.#awareness = { awareness, relay }
      if (this.#deps.isOnline()) relay.open()
    }
    return this.#awareness.awareness
  }

  get awarenessRelay(): AwarenessRelay | undefined {
    return this.#awareness?.relay
  }

  /** Another document takes its place; this one stays readable. */
  release(): void {
    this.#awareness?.relay.close()
    this.undoManager.destroy()
  }
}
