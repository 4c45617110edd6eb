import { Awareness } from 'y-protocols/awareness'
import { Doc, UndoManager } from 'yjs'
import type { MindfuseError } from '../errors.ts'
import { AwarenessRelay } from '../presence/awareness-relay.ts'
import { REMOTE_ORIGIN } from '../sync/doc-sync.ts'

/** The origin of transactions that bring what this machine kept. */
export const STORE_ORIGIN = Symbol('mindfuse:store')

/** What a replica needs. */
export interface ReplicaDeps {
  /** Somebody drew here, or the application applied an update. */
  onEdit: (update: Uint8Array) => void
  /** Somebody else drew. */
  onRemote: (update: Uint8Array) => void
  send: (frame: Uint8Array) => boolean
  isOnline: () => boolean
  onError: (error: MindfuseError) => void
}

/** A board's document as it is here, with what is tied to this document object. */
export class Replica {
  readonly doc = new Doc()
  /** Undoes what was drawn here: transactions without an origin, unless more are tracked. */
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

  /** Made when somebody first asks for it: it costs everybody on the board a frame now and then. */
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
