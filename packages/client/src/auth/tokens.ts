import { fullJitter } from '../backoff.ts'
import { Emitter } from '../emitter.ts'
import { MindfuseError } from '../errors.ts'
import type { TokenShare } from './token-share.ts'

/** An access token, as `POST /api/auth/token` answers it. */
export interface AccessToken {
  accessToken: string
  /** RFC 3339. */
  expiresAt: string
}

/**
 * Fetches a new access token. It throws a {@link MindfuseError} with status 401 where somebody has
 * to sign in, and anything else where it may work another time.
 */
export type GetToken = (options: { signal: AbortSignal }) => Promise<AccessToken>

/** How long before its end a token is renewed at the latest, milliseconds. */
const RENEW_AHEAD_MS = 120_000

/** A token that is so new is not renewed for its end: rather is this machine's clock wrong. */
const MIN_USE_MS = 30_000

/** A timer that is set for longer than 24.8 days fires at once: this one looks again. Milliseconds. */
const MAX_TIMER_MS = 60 * 60 * 1_000

/** Shortest pause between failing to renew a token ahead of its end, milliseconds. */
const MIN_RETRY_MS = 1_000

/** How long fetching a token may take, milliseconds. */
const FETCH_TIMEOUT_MS = 15_000

/**
 * The access token of a client. However many ask, one request is on its way at a time; with a
 * {@link TokenShare} that holds for all tabs. While somebody holds it, it is renewed ahead of its end.
 */
export class Tokens {
  readonly #getToken: GetToken
  readonly #random: () => number
  readonly #share: TokenShare | undefined
  readonly #events = new Emitter<{ token: [accessToken: string] }>()
  #token: (AccessToken & { since: number; isRejected: boolean }) | undefined
  #renewing: Promise<string> | undefined
  #holders = 0
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: {
    getToken: GetToken
    random: () => number
    share?: TokenShare | undefined
  }) {
    this.#getToken = options.getToken
    this.#random = options.random
    this.#share = options.share
    this.#share?.listen({
      current: () => (this.#isGood() ? this.#token : undefined),
      heard: (token) => this.#adopt(token),
    })
  }

  /** A token that counts, at once where one is known. @throws what `getToken` throws */
  async get(): Promise<string> {
    return this.#token && this.#isGood() ? this.#token.accessToken : this.renew()
  }

  /** Fetches a newer token. @throws what `getToken` throws */
  renew(): Promise<string> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  /** A server did not take it: it is not used again. */
  reject(accessToken: string): void {
    if (this.#token?.accessToken === accessToken) this.#token.isRejected = true
  }

  /** Calls `listener` with each new token. @returns a function that ends that */
  onToken(listener: (accessToken: string) => void): () => void {
    return this.#events.on('token', listener)
  }

  /** Somebody lives by this token: from now on it is renewed ahead of its end. */
  hold(): () => void {
    this.#holders++
    this.#schedule()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#holders--
      this.#schedule()
    }
  }

  close(): void {
    this.#holders = 0
    clearTimeout(this.#timer)
    this.#share?.close()
  }

  /** Whether it counts, and will for a moment. */
  #isGood(): boolean {
    if (!this.#token || this.#token.isRejected) return false
    return Date.now() < this.#renewAt(this.#token)
  }

  /** When it is to be renewed, milliseconds since 1970. */
  #renewAt({ expiresAt, since }: { expiresAt: string; since: number }): number {
    const end = Date.parse(expiresAt)
    // A token that is short-lived throughout is used for two thirds of its life.
    return Math.max(since + MIN_USE_MS, end - Math.min(RENEW_AHEAD_MS, (end - since) / 3))
  }

  async #renew(): Promise<string> {
    const old = this.#token?.accessToken
    const fetchToken = async () => this.#getToken({ signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
    const bounded = () => within(FETCH_TIMEOUT_MS, fetchToken())
    try {
      const token = await (this.#share ? this.#share.renew(old, bounded) : bounded())
      if (token.accessToken === old && this.#token?.isRejected) {
        throw new MindfuseError('token_invalid', 'there is no other token', { status: 401 })
      }
      this.#failures = 0
      this.#adopt(token)
      return token.accessToken
    } catch (error) {
      this.#failures++
      this.#schedule()
      throw error
    }
  }

  #adopt({ accessToken, expiresAt }: AccessToken): void {
    if (accessToken === this.#token?.accessToken) return
    this.#token = { accessToken, expiresAt, since: Date.now(), isRejected: false }
    this.#schedule()
    this.#events.emit('token', accessToken)
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#holders === 0 || !this.#token || this.#token.isRejected) return
    const inMs = this.#renewAt(this.#token) - Date.now()
    if (inMs > MAX_TIMER_MS) {
      this.#timer = setTimeout(() => this.#schedule(), MAX_TIMER_MS)
      return
    }
    // A little apart from other tabs, so that mostly one asks and the others hear of it.
    const delay = Math.max(inMs * (1 - 0.1 * this.#random()), 0)
    const patience =
      this.#failures > 0 ? MIN_RETRY_MS + fullJitter(this.#failures, this.#random) : 0
    this.#timer = setTimeout(
      () => {
        // Who lives by the token hears of its end from the server; until then this tries again.
        this.renew().catch(() => undefined)
      },
      Math.max(delay, patience),
    )
  }
}

/** @throws MindfuseError `timeout` where a promise takes longer */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MindfuseError('timeout', 'no token came in time')), ms)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}
