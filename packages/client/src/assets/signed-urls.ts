import { retryDelay } from '../backoff.ts'
import { MindfuseError } from '../errors.ts'
import type { AssetTransfer } from './transfer.ts'

/** Requests of this time are one, milliseconds. */
const BATCH_MS = 20

/** Most digests of one request. */
const MAX_DIGESTS = 100

/** An address is not given out this long before its end, milliseconds: a page may take a while to load it. */
const RENEW_AHEAD_MS = 60_000

/** It is good for 7½ minutes at least, whatever the time is on this machine. Milliseconds. */
const MAX_USE_MS = 6 * 60_000

/** Often enough at first to see a file soon after it has arrived, then less often, milliseconds. */
const FIRST_RETRY_MS = 250
const SOON_RETRY_MS = 2_000
const SOON_MS = 60_000
const LATE_RETRY_MS = 30_000

/** How long a file is waited for that the board does not have, milliseconds. */
const MAX_WAIT_MS = 10 * 60_000

/** A file whose address somebody waits for. */
interface Wanted {
  readonly since: number
  readonly promise: Promise<string>
  resolve(url: string): void
  reject(error: unknown): void
  /** How often the board did not have it. */
  misses: number
  /** When it is asked for, milliseconds since 1970. */
  dueAt: number
}

/**
 * The signed addresses of a board's files. A file that the board does not have is asked for again: somebody's edit
 * may name it while it is still on its way.
 */
export class SignedUrls {
  readonly #sign: AssetTransfer['sign']
  readonly #random: () => number
  readonly #closing = new AbortController()
  readonly #known = new Map<string, { url: string; until: number }>()
  readonly #wanted = new Map<string, Wanted>()
  #failures = 0
  #isAsking = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(deps: { sign: AssetTransfer['sign']; random: () => number }) {
    this.#sign = deps.sign
    this.#random = deps.random
  }

  /** @throws MindfuseError `asset_not_found` if the board does not have it for ten minutes */
  async get(digest: string): Promise<string> {
    this.#closing.signal.throwIfAborted()
    const known = this.#known.get(digest)
    if (known && Date.now() < known.until) return known.url
    const wanted = this.#wanted.get(digest) ?? this.#want(digest)
    return wanted.promise
  }

  /** The address does not work. */
  drop(digest: string): void {
    this.#known.delete(digest)
  }

  /** The server can be reached again: asks for all that is wanted now. */
  resume(): void {
    this.#failures = 0
    for (const wanted of this.#wanted.values()) wanted.dueAt = Date.now()
    this.#schedule()
  }

  close(error: MindfuseError): void {
    clearTimeout(this.#timer)
    this.#closing.abort(error)
    this.#rejectAll(error)
  }

  #want(digest: string): Wanted {
    const now = Date.now()
    const wanted = { ...withResolvers<string>(), since: now, misses: 0, dueAt: now + BATCH_MS }
    // Whoever waits gave up.
    wanted.promise.catch(() => undefined)
    this.#wanted.set(digest, wanted)
    this.#schedule()
    return wanted
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#isAsking || this.#wanted.size === 0) return
    const dueAt = Math.min(...[...this.#wanted.values()].map((wanted) => wanted.dueAt))
    this.#timer = setTimeout(() => void this.#ask(), Math.max(dueAt - Date.now(), 0))
  }

  async #ask(): Promise<void> {
    const now = Date.now()
    const due = [...this.#wanted].filter(([, { dueAt }]) => dueAt <= now).slice(0, MAX_DIGESTS)
    // Timers may be a moment early.
    if (due.length === 0) return this.#schedule()
    this.#isAsking = true
    try {
      const digests = due.map(([digest]) => digest)
      const { urls, expiresAt } = await this.#sign(digests, this.#closing.signal)
      this.#failures = 0
      const until = Math.min(Date.parse(expiresAt) - RENEW_AHEAD_MS, Date.now() + MAX_USE_MS)
      for (const [digest, wanted] of due) this.#answered(digest, wanted, urls[digest], until)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#failed(error)
    } finally {
      this.#isAsking = false
    }
    this.#schedule()
  }

  #answered(digest: string, wanted: Wanted, url: string | undefined, until: number): void {
    if (url !== undefined) {
      this.#known.set(digest, { url, until })
      this.#wanted.delete(digest)
      wanted.resolve(url)
      return
    }
    const waited = Date.now() - wanted.since
    if (waited >= MAX_WAIT_MS) {
      this.#wanted.delete(digest)
      wanted.reject(new MindfuseError('asset_not_found', 'This board does not have this file'))
      return
    }
    const most = waited < SOON_MS ? SOON_RETRY_MS : LATE_RETRY_MS
    wanted.dueAt = Date.now() + Math.min(FIRST_RETRY_MS * 2 ** wanted.misses++, most)
  }

  /** No addresses: asked again unless the answer will be the same. */
  #failed(error: unknown): void {
    const { status = 0 } = error instanceof MindfuseError ? error : {}
    if (status >= 400 && status < 500 && status !== 429) {
      this.#rejectAll(error)
      return
    }
    const dueAt = Date.now() + retryDelay(error, this.#failures++, this.#random)
    for (const wanted of this.#wanted.values()) wanted.dueAt = Math.max(wanted.dueAt, dueAt)
  }

  #rejectAll(error: unknown): void {
    for (const { reject } of this.#wanted.values()) reject(error)
    this.#wanted.clear()
  }
}

function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}
