import type { AnnouncedLimits } from '@mindfuse/protocol'
import pLimit from 'p-limit'
import { retryDelay } from '../backoff.ts'
import type { Emitter } from '../emitter.ts'
import type { Environment } from '../environment.ts'
import { MindfuseError } from '../errors.ts'
import type { FileStore } from '../storage/file-store.ts'
import { hasDigest } from './digest.ts'
import { pageAddressOf } from './page-address.ts'
import { SignedUrls } from './signed-urls.ts'
import type { AssetTransfer } from './transfer.ts'
import { type Asset, type AssetEvents, type OnProgress, Uploads } from './uploads.ts'

/** Most downloads of a board at a time. */
const MAX_DOWNLOADS = 4

/** How often in a row a download may fail before whoever waits is told. */
const MAX_FAILURES = 5

/** What the files of a board need. */
export interface AssetsDeps {
  transfer: AssetTransfer
  store: FileStore | undefined
  environment: Pick<Environment, 'locks' | 'random'>
  /** Identifies the board. */
  name: string
  isOnline: () => boolean
  /** Whether the document can be edited now. */
  canEdit: () => boolean
  /** Whether the user's role lets them edit, for all that is known. */
  mayEdit: () => boolean
  /** Why the board is denied, where it is. */
  whyDenied: () => MindfuseError | undefined
  onError: (error: MindfuseError) => void
}

/**
 * The files beside a board's document: pictures, mostly. The document names them by their digests, as you write it;
 * a file that no document and no version has named for 30 days is deleted.
 *
 * @example
 * ```ts
 * const picture = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/svg+xml' })
 * const { digest } = await board.assets.add(picture)
 * board.edit((doc) => doc.getMap('shapes').set('logo', { type: 'image', digest }))
 * show(await board.assets.url(digest))
 * ```
 */
export class Assets {
  /**
   * Calls `listener` at each event. @returns a function that removes the listener
   *
   * @example
   * ```ts
   * board.assets.on('refused', ({ error }) => show(error.message))
   * ```
   */
  readonly on: Emitter<AssetEvents>['on']
  readonly #deps: AssetsDeps
  readonly #uploads: Uploads
  readonly #urls: SignedUrls
  readonly #inTurn = pLimit(MAX_DOWNLOADS)
  readonly #downloads = new Map<string, Promise<Blob>>()
  readonly #pageAddresses = new Map<string, string>()
  readonly #closing = new AbortController()
  #maxBytes: number | undefined
  #hasStoreFailed = false

  /** Boards have them. @internal */
  constructor(deps: AssetsDeps) {
    const { transfer, environment } = deps
    this.#deps = deps
    this.#uploads = new Uploads({
      ...deps,
      canUpload: () => deps.isOnline() && deps.canEdit(),
      onStoreError: (cause) => this.#storeFailed(cause),
    })
    this.#urls = new SignedUrls({ sign: transfer.sign, random: environment.random })
    this.on = (event, listener) => this.#uploads.events.on(event, listener)
  }

  /** The files that wait for their upload, also those that other tabs and earlier pages kept. */
  get pending(): readonly Asset[] {
    return this.#uploads.pending
  }

  /** The most that a file may have, bytes; `undefined` until the board was online once. */
  get maxBytes(): number | undefined {
    return this.#maxBytes
  }

  /** Whether it is known that no file waits. @internal */
  get areUploaded(): boolean {
    return this.#uploads.areDone
  }

  /**
   * Adds a file: it is kept on this machine, and uploaded as soon as the board is online. Resolves when it is kept,
   * so that the document can name it, offline too. What becomes of it is told by `uploaded` and `refused`.
   *
   * @throws MindfuseError `read_only` unless the board can be edited, `file_too_large`, `queue_full`, or
   * `insecure_context` in a page that came over plain HTTP
   *
   * @example
   * ```ts
   * const { digest } = await board.assets.add(new Blob(['%PDF-1.7'], { type: 'application/pdf' }))
   * show(board.assets.pending.some((asset) => asset.digest === digest))
   * ```
   */
  async add(file: Blob): Promise<Asset> {
    if (!this.#deps.canEdit()) throw new MindfuseError('read_only', 'This board is read-only')
    this.#refuseIfClosed()
    const limit = this.#maxBytes
    if (limit !== undefined && file.size > limit) {
      const message = `A file may have ${Math.round(limit / 1024 ** 2)} MiB at most`
      throw new MindfuseError('file_too_large', message, { details: { limit } })
    }
    return this.#uploads.add(file)
  }

  /**
   * Adds a file and resolves when the server has it. Aborting gives it up, unless it was added more often.
   *
   * @throws MindfuseError as {@link add}, the server's where it does not take the file, or why the board is denied
   * or closed: the file is kept then
   *
   * @example
   * ```ts
   * const picture = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/svg+xml' })
   * const { digest } = await board.assets.upload(picture, {
   *   onProgress: (sentBytes, bytes) => show(`${sentBytes} of ${bytes}`),
   *   signal: AbortSignal.timeout(60_000),
   * })
   * show(digest)
   * ```
   */
  async upload(
    file: Blob,
    { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
  ): Promise<Asset> {
    signal?.throwIfAborted()
    const asset = await this.add(file)
    const cancel = () => void this.#uploads.cancel(asset.digest, signal?.reason)
    if (signal?.aborted) cancel()
    signal?.throwIfAborted()
    signal?.addEventListener('abort', cancel)
    try {
      await abortable(this.#uploads.whenUploaded(asset.digest, onProgress), signal)
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
    return asset
  }

  /**
   * An address of a file for `<img>`: of this page where the file is on this machine, and then until the board is
   * closed; else one of the server that is good for some minutes and needs no token. Ask again for each element
   * that you create. A file that is still on its way is waited for.
   *
   * @throws MindfuseError `asset_not_found` if the board does not get the file in ten minutes, `closed`
   *
   * @example
   * ```ts
   * const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
   * await board.assets.url(digest, { signal: AbortSignal.timeout(500) }).catch(() => show('Not there yet'))
   * ```
   */
  async url(digest: string, { signal }: { signal?: AbortSignal } = {}): Promise<string> {
    this.#refuseIfClosed()
    const known = this.#pageAddresses.get(digest)
    if (known !== undefined) return known
    const file = await this.#local(digest)
    if (file) return this.#pageAddress(digest, file)
    return abortable(this.#urls.get(digest), signal)
  }

  /**
   * A file. Those that were fetched are kept on this machine, up to 256 MiB of a user: they are there offline too.
   * A file that is still on its way is waited for.
   *
   * @throws MindfuseError as {@link url}, or why it could not be fetched
   *
   * @example
   * ```ts
   * const { digest } = await board.assets.upload(new Blob(['GIF89a'], { type: 'image/gif' }))
   * show((await board.assets.get(digest)).size)
   * ```
   */
  async get(digest: string, { signal }: { signal?: AbortSignal } = {}): Promise<Blob> {
    this.#refuseIfClosed()
    const file = await this.#local(digest)
    this.#refuseIfClosed()
    return file ?? abortable(this.#download(digest), signal)
  }

  /** The board is online. @internal */
  connected({ maxAssetBytes }: AnnouncedLimits): void {
    this.#maxBytes = maxAssetBytes
    this.resume()
    // Another tab may have kept a file and closed before it could send it.
    void this.read()
  }

  /** Files can be sent, for all that is known. @internal */
  resume(): void {
    this.#uploads.resume()
    this.#urls.resume()
  }

  /** Takes over what other tabs or an earlier page kept. @internal */
  async read(): Promise<void> {
    await this.#uploads.read()
    this.discardIfReadOnly()
  }

  /** Gives up what a viewer or commenter cannot send. @internal */
  discardIfReadOnly(): void {
    if (!this.#deps.mayEdit()) {
      this.discard(new MindfuseError('read_only', 'This board is read-only'))
    }
  }

  /** Gives up the files that wait, as the edits that name them. @internal */
  discard(error: MindfuseError): void {
    this.#uploads.discard(error)
  }

  /** The board is denied. @internal */
  release(error: MindfuseError): void {
    this.#uploads.release(error)
  }

  /** Files that wait are kept. @internal */
  close(): void {
    if (this.#closing.signal.aborted) return
    const error = new MindfuseError('closed', 'This board is closed')
    this.#closing.abort(error)
    this.#uploads.close(error)
    this.#urls.close(error)
    for (const url of this.#pageAddresses.values()) URL.revokeObjectURL(url)
    this.#pageAddresses.clear()
  }

  /** Deletes what this machine has of the board's files. @internal */
  async forget(): Promise<void> {
    await this.#deps.store?.forget().catch((cause) => this.#storeFailed(cause))
  }

  async #local(digest: string): Promise<Blob | undefined> {
    const waiting = this.#uploads.file(digest)
    if (waiting) return waiting
    return this.#deps.store?.read(digest).catch((cause) => this.#storeFailed(cause))
  }

  async #pageAddress(digest: string, file: Blob): Promise<string> {
    const url = await pageAddressOf(file)
    const known = this.#pageAddresses.get(digest)
    if (known !== undefined || this.#closing.signal.aborted) URL.revokeObjectURL(url)
    this.#refuseIfClosed()
    if (known !== undefined) return known
    this.#pageAddresses.set(digest, url)
    return url
  }

  /** One download for all who ask for the same file. */
  #download(digest: string): Promise<Blob> {
    const running = this.#downloads.get(digest)
    if (running) return running
    const download = this.#fetch(digest).finally(() => this.#downloads.delete(digest))
    // Whoever waits gave up.
    download.catch(() => undefined)
    this.#downloads.set(digest, download)
    return download
  }

  async #fetch(digest: string): Promise<Blob> {
    const { transfer, environment, store } = this.#deps
    const { signal } = this.#closing
    for (let failures = 0; ; failures++) {
      const url = await this.#urls.get(digest)
      try {
        const file = await this.#inTurn(() => transfer.download(url, signal))
        // It would stay on this machine: a proxy may have answered in place of the server.
        if (!(await hasDigest(file, digest))) {
          throw new MindfuseError('digest_mismatch', 'Another file came than was asked for')
        }
        signal.throwIfAborted()
        void store?.keepSeen(digest, file).catch((cause) => this.#storeFailed(cause))
        return file
      } catch (error) {
        signal.throwIfAborted()
        this.#urls.drop(digest)
        if (failures + 1 === MAX_FAILURES) throw error
        await pause(retryDelay(error, failures, environment.random), signal)
      }
    }
  }

  #refuseIfClosed(): void {
    this.#closing.signal.throwIfAborted()
  }

  #storeFailed(cause: unknown): undefined {
    // Closing takes the store away from what is under way.
    if (this.#hasStoreFailed || this.#closing.signal.aborted) return
    this.#hasStoreFailed = true
    const message = 'Local storage failed; files are not kept on this machine'
    this.#deps.onError(new MindfuseError('storage_failed', message, { cause }))
  }
}

/** Waits no longer than until `signal` is aborted. */
function abortable<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return work
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** @throws the reason of `signal` */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return abortable(new Promise((resolve) => setTimeout(resolve, ms)), signal)
}
