import { applyUpdate, type Doc, mergeUpdates } from 'yjs'
import { MindfuseError } from '../errors.ts'
import type { BoardStore } from '../storage/board-store.ts'
import { STORE_ORIGIN } from './replica.ts'

/** What comes from the server is kept this often: what is lost of it comes again. Milliseconds. */
const REMOTE_WINDOW_MS = 500

/** How long a board waits for its store before it goes on without, milliseconds. */
const PATIENCE_MS = 2_000

/** Carries a board's edits to and from a store, where there is one. Never rejects. */
export class Persistence {
  readonly #store: BoardStore | undefined
  readonly #onError: (error: MindfuseError) => void
  #remote: Uint8Array[] = []
  #isRead: boolean
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(store: BoardStore | undefined, onError: (error: MindfuseError) => void) {
    this.#store = store
    this.#onError = onError
    this.#isRead = store === undefined
  }

  /** Whether everything that an earlier page kept is known, or was lost. */
  get isRead(): boolean {
    return this.#isRead
  }

  /**
   * Brings into a document what other tabs or an earlier page kept. Resolves when that is done, or
   * after a while: then it comes later.
   * @param on.unsaved some of it may not be stored on the server
   * @param on.read it is done
   */
  async read(doc: Doc, on: { unsaved: () => void; read: () => void }): Promise<void> {
    const store = this.#store
    if (!store) return
    const reading = this.#guard(async () => {
      const { known, unsaved } = await store.read()
      apply(doc, [...known, ...unsaved])
      if (unsaved.length > 0) on.unsaved()
    })
    void reading.then(() => {
      this.#isRead = true
      on.read()
    })
    await patiently(reading)
  }

  /** Keeps an edit that was made here, at once. */
  keepEdit(update: Uint8Array): void {
    const store = this.#store
    if (store) void this.#guard(() => store.keepUnsaved(update))
  }

  /** Keeps what came from the server, a moment later. */
  keepRemote(update: Uint8Array): void {
    if (!this.#store) return
    this.#remote.push(update)
    this.#timer ??= setTimeout(() => void this.#keepRemote(), REMOTE_WINDOW_MS)
  }

  /** The server has everything. */
  markSaved(): void {
    const store = this.#store
    if (store) void this.#guard(() => store.markSaved())
  }

  /** Forgets what is not saved, and brings everything else into a fresh document. */
  async startOver(doc: Doc): Promise<void> {
    const store = this.#store
    if (!store) return
    await patiently(this.#guard(async () => apply(doc, await store.discardUnsaved())))
  }

  async forget(): Promise<void> {
    this.#drop()
    const store = this.#store
    if (store) await this.#guard(() => store.forget())
  }

  async close(): Promise<void> {
    await this.#keepRemote()
    const store = this.#store
    if (store) await patiently(this.#guard(() => store.close()))
  }

  #drop(): Uint8Array[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#remote.splice(0)
  }

  async #keepRemote(): Promise<void> {
    const updates = this.#drop()
    const store = this.#store
    if (!store || updates.length === 0) return
    await this.#guard(() => store.keepKnown(mergeUpdates(updates)))
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      const message = 'what was drawn cannot be kept on this machine'
      this.#onError(new MindfuseError('storage_failed', message, { cause }))
    }
  }
}

/** Some browsers' storage hangs now and then. */
async function patiently(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}

function apply(doc: Doc, updates: Uint8Array[]): void {
  doc.transact(() => {
    for (const update of updates) applyUpdate(doc, update, STORE_ORIGIN)
  }, STORE_ORIGIN)
}
