import { mergeUpdates } from 'yjs'
import { MindfuseError } from '../errors.ts'
import type { BoardStore, StoredBoard } from '../storage/board-store.ts'
import { newSecret } from '../sync/client-ids.ts'

/** Updates from the server are stored this often: what is lost arrives again. Milliseconds. */
const REMOTE_WINDOW_MS = 500

/** How long a board waits for its store before it continues without, milliseconds. */
const STORE_TIMEOUT_MS = 2_000

/** Moves a board's edits to and from local storage, if there is any. Never rejects. */
export class Persistence {
  readonly #store: BoardStore | undefined
  readonly #onError: (error: MindfuseError) => void
  #remote: Uint8Array[] = []
  #isRead: boolean
  #timer: ReturnType<typeof setTimeout> | undefined
  #secret = newSecret()

  constructor(store: BoardStore | undefined, onError: (error: MindfuseError) => void) {
    this.#store = store
    this.#onError = onError
    this.#isRead = store === undefined
  }

  /** Whether reading what an earlier page stored has succeeded or failed. */
  get isRead(): boolean {
    return this.#isRead
  }

  /** What new client ids are derived from; the tabs of a machine have the same. */
  get secret(): Uint8Array {
    return this.#secret
  }

  /**
   * Reads what other tabs or an earlier page stored. Resolves when that is done, or at the timeout;
   * the rest then arrives later.
   * @param on.stored there is something
   * @param on.read it is done
   */
  async read(on: { stored: (stored: StoredBoard) => void; read: () => void }): Promise<void> {
    const store = this.#store
    if (!store) return
    const reading = this.#guard(async () => {
      const stored = await store.read()
      this.#secret = stored.secret
      on.stored(stored)
    })
    void reading.then(() => {
      this.#isRead = true
      on.read()
    })
    await withTimeout(reading)
  }

  /** Stores a local edit immediately. */
  keepEdit(update: Uint8Array): void {
    const store = this.#store
    if (store) void this.#guard(() => store.keepUnsaved(update))
  }

  /** Stores an update from the server, with others of its window. */
  keepRemote(update: Uint8Array): void {
    if (!this.#store) return
    this.#remote.push(update)
    this.#timer ??= setTimeout(() => void this.#keepRemote(), REMOTE_WINDOW_MS)
  }

  /** The server has every edit. */
  markSaved(): void {
    const store = this.#store
    if (store) void this.#guard(() => store.markSaved())
  }

  /** Deletes unsaved edits, and passes everything else on. */
  async discardUnsaved(onKnown: (updates: Uint8Array[]) => void): Promise<void> {
    const store = this.#store
    if (!store) return
    await withTimeout(this.#guard(async () => onKnown(await store.discardUnsaved())))
  }

  /** Deletes everything but unsaved edits: it may be what makes Yjs fail. */
  async dropKnown(): Promise<void> {
    this.#takeRemote()
    const store = this.#store
    if (store) await withTimeout(this.#guard(() => store.dropKnown()))
  }

  /** Replaces the unsaved edits by these. */
  replaceUnsaved(updates: readonly Uint8Array[]): void {
    const store = this.#store
    if (store) void this.#guard(() => store.replaceUnsaved(updates))
  }

  async forget(): Promise<void> {
    this.#takeRemote()
    const store = this.#store
    if (store) await this.#guard(() => store.forget())
  }

  async close(): Promise<void> {
    await this.#keepRemote()
    const store = this.#store
    if (store) await withTimeout(this.#guard(() => store.close()))
  }

  #takeRemote(): Uint8Array[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#remote.splice(0)
  }

  async #keepRemote(): Promise<void> {
    const updates = this.#takeRemote()
    const store = this.#store
    if (!store || updates.length === 0) return
    await this.#guard(() => store.keepKnown(mergeUpdates(updates)))
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      const message = 'Local storage failed; edits are not kept on this machine'
      this.#onError(new MindfuseError('storage_failed', message, { cause }))
    }
  }
}

/** The storage of some browsers hangs now and then. */
async function withTimeout(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STORE_TIMEOUT_MS)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
