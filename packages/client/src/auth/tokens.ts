import { fullJitter } from '../backoff.ts'
import { Emitter } from '../emitter.ts'
import { MindfuseError, SIGNED_IN_AS_ANOTHER } from '../errors.ts'
import type { AccessToken, GetToken } from './access-token.ts'
import type { TokenShare } from './token-share.ts'

/** A token is renewed at least this long before it expires, milliseconds. */
const RENEW_AHEAD_MS = 120_000

/** A token is not renewed earlier than this: more likely the local clock is wrong. Milliseconds. */
const MIN_USE_MS = 30_000

/** Timers longer than 24.8 days fire immediately, so the schedule is checked this often. Milliseconds. */
const MAX_TIMER_MS = 60 * 60 * 1_000

/** Shortest delay between two failing renewals, milliseconds. */
const MIN_RETRY_MS = 1_000

/** How long fetching a token may take, milliseconds. */
const FETCH_TIMEOUT_MS = 15_000

/**
 * The access token of a client, always of the same user. Only one request runs at a time, across all
 * tabs with a {@link TokenShare}. While it is held, the token is renewed before it expires.
 */
export class Tokens {
  readonly #getToken: GetToken
  readonly #random: () => number
  readonly #share: TokenShare | undefined
  readonly #events = new Emitter<{ token: [accessToken: string] }>()
  #userId: string | undefined
  #token: (AccessToken & { since: number; isRejected: boolean }) | undefined
  #renewing: Promise<string> | undefined
  #holders = 0
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: {
    getToken: GetToken
    random: () => number
    /** Whose they are; else the user of the first is. */
    userId?: string | undefined
    share?: TokenShare | undefined
  }) {
    this.#getToken = options.getToken
    this.#random = options.random
    this.#userId = options.userId
    this.#share = options.share
    this.#share?.listen({
      current: () => (this.#isValid() ? this.#token : undefined),
      received: (token) => this.#adopt(token),
    })
  }

  /** A valid token, without a request if one is known. @throws what `getToken` throws */
  async get(): Promise<string> {
    return this.#token && this.#isValid() ? this.#token.accessToken : this.renew()
  }

  /** The token that it has, until that expires: for what cannot wait for a newer one. */
  get held(): string | undefined {
    if (!this.#token || this.#token.isRejected) return undefined
    return Date.now() < Date.parse(this.#token.expiresAt) ? this.#token.accessToken : undefined
  }

  /** Fetches a newer token. @throws what `getToken` throws */
  renew(): Promise<string> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  /** Uses a token that came by another way. @throws MindfuseError `signed_in_as_another` */
  use(token: AccessToken): void {
    this.#adopt(this.#refuseOthers(token))
  }

  /** A server rejected it: it is not used again. */
  reject(accessToken: string): void {
    if (this.#token?.accessToken === accessToken) this.#token.isRejected = true
  }

  /**
   * Whether this is the client's user. With a session cookie another tab may have signed in someone else.
   */
  isOf(userId: string): boolean {
    this.#userId ??= userId
    return userId === this.#userId
  }

  /** Calls `listener` with each new token. @returns a function that removes the listener */
  onToken(listener: (accessToken: string) => void): () => void {
    return this.#events.on('token', listener)
  }

  /** Something depends on the token: it is renewed before it expires, until it is released. */
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

  /** Whether it is valid and not about to expire. */
  #isValid(): boolean {
    if (!this.#token || this.#token.isRejected) return false
    return Date.now() < this.#renewAt(this.#token)
  }

  /** When it is to be renewed, milliseconds since 1970. */
  #renewAt({ expiresAt, since }: { expiresAt: string; since: number }): number {
    const end = Date.parse(expiresAt)
    // A short-lived token is used for two thirds of its life.
    return Math.max(since + MIN_USE_MS, end - Math.min(RENEW_AHEAD_MS, (end - since) / 3))
  }

  async #renew(): Promise<string> {
    const old = this.#token?.accessToken
    const fetchToken = async () => this.#getToken({ signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
    const bounded = async () => this.#refuseOthers(await within(FETCH_TIMEOUT_MS, fetchToken()))
    try {
      const token = await (this.#share ? this.#share.renew(old, bounded) : bounded())
      if (token.accessToken === old && this.#token?.isRejected) {
        throw new MindfuseError(
          'token_invalid',
          'The access token was rejected and there is no other',
          { status: 401 },
        )
      }
      this.#failures = 0
      this.#adopt(token)
      return token.accessToken
    } catch (error) {
      this.#failures++
      // Until the user is back, each request would replace the cookie of the other.
      if (isOfAnother(error)) clearTimeout(this.#timer)
      else this.#schedule()
      throw error
    }
  }

  #refuseOthers(token: AccessToken): AccessToken {
    if (token.userId === undefined || this.isOf(token.userId)) return token
    throw new MindfuseError(SIGNED_IN_AS_ANOTHER, 'Another user has signed in')
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
    // Spread over the tabs, so that usually one asks and the others receive the token from it.
    const delay = Math.max(inMs * (1 - 0.1 * this.#random()), 0)
    const backoff = this.#failures > 0 ? MIN_RETRY_MS + fullJitter(this.#failures, this.#random) : 0
    this.#timer = setTimeout(
      () => {
        // The server closes what depends on an expired token; until then this is retried.
        this.renew().catch(() => undefined)
      },
      Math.max(delay, backoff),
    )
  }
}

const isOfAnother = (error: unknown) =>
  error instanceof MindfuseError && error.code === SIGNED_IN_AS_ANOTHER

/** @throws MindfuseError `timeout` if a promise takes longer */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new MindfuseError('timeout', 'The access token request timed out')),
      ms,
    )
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}
