import type { Environment } from '../environment.ts'
import type { AccessToken } from './access-token.ts'

/** How long other tabs have to answer, milliseconds. */
const ANSWER_MS = 100

/** How long to wait for another tab that is renewing, milliseconds. */
const LOCK_TIMEOUT_MS = 30_000

type Message = { type: 'ask' } | ({ type: 'token' } & AccessToken)

/** What a client shares of its token. */
export interface SharedTokens {
  /** Its token, if that is valid. */
  current: () => AccessToken | undefined
  /** Another tab has a newer token. */
  received: (token: AccessToken) => void
}

/**
 * Lets the tabs of a user renew their token once between them. The tab that holds the lock first asks
 * the others for their token, in case it missed their message. On platforms without locks or channels
 * each tab renews on its own, which the API accepts.
 */
export class TokenShare {
  readonly #locks: LockManager | undefined
  readonly #channel: BroadcastChannel | undefined
  readonly #name: string
  #shared: SharedTokens | undefined
  #onToken: ((token: AccessToken) => void) | undefined

  /** @param name the same for every tab of one user at one API, and for nothing else */
  constructor(
    name: string,
    { locks, BroadcastChannel }: Pick<Environment, 'locks' | 'BroadcastChannel'>,
  ) {
    this.#name = `mindfuse:token:${name}`
    this.#locks = locks
    this.#channel = BroadcastChannel && new BroadcastChannel(this.#name)
    if (this.#channel) {
      this.#channel.onmessage = (event: MessageEvent) => this.#receive(event.data as Message)
      // An open channel keeps Node from exiting; browsers have no such method.
      ;(this.#channel as { unref?: () => void }).unref?.()
    }
  }

  listen(shared: SharedTokens): void {
    this.#shared = shared
  }

  /** Another tab's token if it is not `old`, else that of `fetchToken`. */
  async renew(
    old: string | undefined,
    fetchToken: () => Promise<AccessToken>,
  ): Promise<AccessToken> {
    const renew = async () => {
      const shared = await this.#ask(old)
      if (shared) return shared
      const token = await fetchToken()
      this.#post({ type: 'token', accessToken: token.accessToken, expiresAt: token.expiresAt })
      return token
    }
    if (!this.#locks) return renew()
    const signal = AbortSignal.timeout(LOCK_TIMEOUT_MS)
    return this.#locks.request(this.#name, { signal }, renew)
  }

  close(): void {
    this.#channel?.close()
  }

  #ask(old: string | undefined): Promise<AccessToken | undefined> {
    if (!this.#channel) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const answer = (token: AccessToken | undefined) => {
        clearTimeout(timer)
        this.#onToken = undefined
        resolve(token)
      }
      const timer = setTimeout(answer, ANSWER_MS, undefined)
      this.#onToken = (token) => {
        if (token.accessToken !== old) answer(token)
      }
      this.#post({ type: 'ask' })
    })
  }

  #receive(message: Message): void {
    if (message.type === 'token') {
      const { accessToken, expiresAt } = message
      this.#onToken?.({ accessToken, expiresAt })
      this.#shared?.received({ accessToken, expiresAt })
      return
    }
    const token = this.#shared?.current()
    if (!token) return
    this.#post({ type: 'token', accessToken: token.accessToken, expiresAt: token.expiresAt })
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message)
  }
}
