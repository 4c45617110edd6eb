import pLimit from 'p-limit'
import { retryDelay } from '../backoff.ts'
import { Emitter } from '../emitter.ts'
import type { Environment } from '../environment.ts'
import { MindfuseError } from '../errors.ts'
import type { FileStore } from '../storage/file-store.ts'
import { digestOf } from './digest.ts'
import type { AssetTransfer } from './transfer.ts'

/** Most files of a board that wait, and what they may take together. */
const MAX_WAITING_FILES = 100
const MAX_WAITING_BYTES = 256 * 1024 * 1024

/** Most uploads of a board at a time: the others wait, so that a page has connections left. */
const MAX_UPLOADS = 2

/** Answers that stay the same for these bytes: too large, of an unknown type, or no room for them. */
const REFUSALS = [409, 413, 415, 422]

/** The server keeps no files at all. */
const NOT_CONFIGURED = 'assets_not_configured'

/** A file beside the document, which names it by its digest. */
export interface Asset {
  /** Its SHA-256, 64 lower-case hexadecimal digits. */
  digest: string
  bytes: number
  /** As the browser knows it, `image/png`; may be empty. */
  type: string
}

/** The events of a board's files, with what their listeners receive. */
export interface AssetEvents {
  /** Which files wait for their upload. */
  pending: [assets: readonly Asset[]]
  /** The server has a file. */
  uploaded: [asset: Asset]
  /** The server does not take a file, or it was discarded with the edits: it is not kept any longer. */
  refused: [refusal: { asset: Asset; file: Blob; error: MindfuseError }]
}

/** How far an upload has come. */
export type OnProgress = (sentBytes: number, bytes: number) => void

/** Who waits for the end of an upload. */
interface Waiter {
  onProgress: OnProgress
  resolve: () => void
  reject: (error: unknown) => void
}

/** A file that waits for its upload, or is being uploaded. */
interface Upload {
  readonly asset: Asset
  readonly file: Blob
  readonly abort: AbortController
  readonly waiters: Set<Waiter>
  sentBytes: number
  /** How often it was added: each may be given up. */
  adds: number
}

/** What uploads need. */
export interface UploadsDeps {
  transfer: AssetTransfer
  store: FileStore | undefined
  environment: Pick<Environment, 'locks' | 'random'>
  /** Identifies the board, for the locks. */
  name: string
  /** Whether the server can be reached, and takes files of this user. */
  canUpload: () => boolean
  /** Why the board is denied, where it is. */
  whyDenied: () => MindfuseError | undefined
  onStoreError: (cause: unknown) => void
}

/** Uploads files of a board, and keeps them until that has succeeded: over a reload too, with a store. */
export class Uploads {
  readonly events = new Emitter<AssetEvents>()
  readonly #deps: UploadsDeps
  readonly #uploads = new Map<string, Upload>()
  readonly #inTurn = pLimit(MAX_UPLOADS)
  /** Files are read one at a time, however many are added at once. */
  readonly #oneByOne = pLimit(1)
  /** Wakes what waits to try again. */
  readonly #wakes = new Set<() => void>()
  #isRead: boolean
  #closed: MindfuseError | undefined

  constructor(deps: UploadsDeps) {
    this.#deps = deps
    this.#isRead = deps.store === undefined
  }

  /** Whether it is known that no file waits. */
  get areDone(): boolean {
    return this.#isRead && this.#uploads.size === 0
  }

  get pending(): readonly Asset[] {
    return [...this.#uploads.values()].map(({ asset }) => asset)
  }

  /** A file that waits. */
  file(digest: string): Blob | undefined {
    return this.#uploads.get(digest)?.file
  }

  /** Takes over what other tabs or an earlier page kept. */
  async read(): Promise<void> {
    await this.#guard(async (store) => {
      for (const [digest, file] of await store.waiting()) this.#start(digest, file)
    })
    this.#isRead = true
    this.#emitPending()
  }

  /** Tries again now: the board is online, or the user may edit. */
  resume(): void {
    for (const wake of this.#wakes) wake()
  }

  /** Keeps a file and uploads it. Resolves when it is kept. @throws MindfuseError `queue_full` */
  add(file: Blob): Promise<Asset> {
    return this.#oneByOne(() => this.#add(file))
  }

  /** Resolves when the server has a file that was added. @throws MindfuseError why it does not take it */
  async whenUploaded(digest: string, onProgress: OnProgress = () => undefined): Promise<void> {
    if (this.#closed) throw this.#closed
    const upload = this.#uploads.get(digest)
    if (!upload) return
    const denied = this.#deps.whyDenied()
    if (denied) throw denied
    onProgress(upload.sentBytes, upload.asset.bytes)
    await new Promise<void>((resolve, reject) =>
      upload.waiters.add({ onProgress, resolve, reject }),
    )
  }

  /** Gives up a file that waits, once as often as it was added. */
  async cancel(digest: string, reason: unknown): Promise<void> {
    const upload = this.#uploads.get(digest)
    if (!upload || --upload.adds > 0) return
    this.#end(upload, ({ reject }) => reject(reason))
    await this.#guard((store) => store.dropWaiting(digest))
  }

  /** Gives up all files that wait. */
  discard(error: MindfuseError): void {
    for (const upload of [...this.#uploads.values()]) this.#refuse(upload, error)
  }

  /** Nobody needs to wait for the end of an upload now: it may be far off. */
  release(error: MindfuseError): void {
    for (const { waiters } of this.#uploads.values()) {
      for (const { reject } of waiters) reject(error)
      waiters.clear()
    }
  }

  /** Stops; what waits stays in the store. */
  close(error: MindfuseError): void {
    this.#closed = error
    this.release(error)
    for (const { abort } of this.#uploads.values()) abort.abort()
    this.#uploads.clear()
  }

  async #add(file: Blob): Promise<Asset> {
    this.#refuseIfFull(file.size)
    // Bytes that stay the same, whatever happens to the file.
    const bytes = await file.arrayBuffer()
    const digest = await digestOf(bytes)
    // The store may have been forgotten meanwhile.
    if (this.#closed) throw this.#closed
    const copy = new Blob([bytes], { type: file.type })
    await this.#guard((store) => store.keepWaiting(digest, copy))
    const known = this.#uploads.get(digest)
    if (known) known.adds++
    const { asset } = known ?? this.#start(digest, copy)
    this.#emitPending()
    return asset
  }

  #refuseIfFull(bytes: number): void {
    const waiting = [...this.#uploads.values()]
    const total = waiting.reduce((sum, { asset }) => sum + asset.bytes, bytes)
    if (waiting.length < MAX_WAITING_FILES && total <= MAX_WAITING_BYTES) return
    throw new MindfuseError('queue_full', 'Too many files are waiting to be uploaded')
  }

  #start(digest: string, file: Blob): Upload {
    const started = this.#uploads.get(digest)
    if (started) return started
    const upload: Upload = {
      asset: { digest, bytes: file.size, type: file.type },
      file,
      abort: new AbortController(),
      waiters: new Set(),
      sentBytes: 0,
      adds: 1,
    }
    if (this.#closed) return upload
    this.#uploads.set(digest, upload)
    void this.#upload(upload)
    return upload
  }

  async #upload(upload: Upload): Promise<void> {
    const { signal } = upload.abort
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#inTurn(() => this.#attempt(upload))
        if (!signal.aborted) this.#uploaded(upload)
        return
      } catch (error) {
        if (signal.aborted) return
        if (isRefusal(error)) {
          this.#refuse(upload, error)
          return
        }
        await this.#wake(signal, retryDelay(error, failures, this.#deps.environment.random))
      }
    }
  }

  async #attempt(upload: Upload): Promise<void> {
    const { transfer, environment, name } = this.#deps
    const { asset, file, abort } = upload
    const { signal } = abort
    while (!this.#deps.canUpload() && !signal.aborted) await this.#wake(signal)
    signal.throwIfAborted()
    const send = () =>
      transfer.upload({
        digest: asset.digest,
        file,
        signal,
        onProgress: (sentBytes) => this.#moved(upload, sentBytes),
      })
    // Of several tabs one uploads it; then the others find it there.
    await (environment.locks
      ? environment.locks.request(`mindfuse:asset:${name}:${asset.digest}`, { signal }, send)
      : send())
  }

  /** Waits until it is worth another try: at `resume`, or after a time. */
  #wake(signal: AbortSignal, ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#wakes.delete(wake)
        resolve()
      }
      const timer = ms === undefined ? undefined : setTimeout(wake, ms)
      signal.addEventListener('abort', wake)
      this.#wakes.add(wake)
    })
  }

  #moved(upload: Upload, sentBytes: number): void {
    // Less than before where another attempt starts from the beginning.
    upload.sentBytes = sentBytes
    for (const { onProgress } of upload.waiters) onProgress(sentBytes, upload.asset.bytes)
  }

  #uploaded(upload: Upload): void {
    this.#end(upload, ({ resolve }) => resolve())
    this.events.emit('uploaded', upload.asset)
    void this.#guard((store) => store.markUploaded(upload.asset.digest))
  }

  #refuse(upload: Upload, error: MindfuseError): void {
    const { asset, file } = upload
    this.#end(upload, ({ reject }) => reject(error))
    this.events.emit('refused', { asset, file, error })
    void this.#guard((store) => store.dropWaiting(asset.digest))
  }

  #end(upload: Upload, settle: (waiter: Waiter) => void): void {
    this.#uploads.delete(upload.asset.digest)
    for (const waiter of upload.waiters) settle(waiter)
    upload.abort.abort()
    this.#emitPending()
  }

  #emitPending(): void {
    this.events.emit('pending', this.pending)
  }

  async #guard(work: (store: FileStore) => Promise<void>): Promise<void> {
    const { store, onStoreError } = this.#deps
    if (!store) return
    try {
      await work(store)
    } catch (cause) {
      onStoreError(cause)
    }
  }
}

function isRefusal(error: unknown): error is MindfuseError {
  if (!(error instanceof MindfuseError)) return false
  return REFUSALS.includes(error.status) || error.code === NOT_CONFIGURED
}
