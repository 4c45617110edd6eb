import type { Environment } from '../environment.ts'
import type { AccessToken } from './tokens.ts'

/** How long other tabs have to answer, milliseconds. */
const ANSWER_MS = 100

/** How long to wait for another tab that renews, milliseconds. */
const LOCK_PATIENCE_MS = 30_000

type Message = { type: 'ask' } | ({ type: 'token' } & AccessToken)

/** What a client shares of its token. */
export interface SharedTokens {
  /** Its token, where that is good. */
  current: () => AccessToken | undefined
  /** Another tab has a newer one. */
  heard: (token: AccessToken) => void
}

/**
 * Lets the tabs of one person renew their token once, not each on its own. Whoever holds the lock
 * first asks the others for theirs, which makes up for a message that came late. Where the platform
 * has no locks or no channel, tabs renew on their own: the API accepts that.
 */
export class TokenShare {
  readonly #locks: LockManager | undefined
  readonly #channel: BroadcastChannel | undefined
  readonly #name: string
  #shared: SharedTokens | undefined
  #hear: ((token: AccessToken) => void) | undefined

  /** @param name the same for every tab of one person at one API, and for nobody else */
  constructor(
    name: string,
    { locks, BroadcastChannel }: Pick<Environment, 'locks' | 'BroadcastChannel'>,
  ) {
    this.#name = `mindfuse:token:${name}`
    this.#locks = locks
    this.#channel = BroadcastChannel && new BroadcastChannel(this.#name)
    if (this.#channel) {
      this.#channel.onmessage = (event: MessageEvent) => this.#receive(event.data as Message)
      // Node would not end for as long as the channel is open; browsers have no such method.
      ;(this.#channel as { unref?: () => void }).unref?.()
    }
  }

  listen(shared: SharedTokens): void {
    this.#shared = shared
  }

  /** Another tab's token where it has one other than `old`, else that of `fetchToken`. */
  async renew(
    old: string | undefined,
    fetchToken: () => Promise<AccessToken>,
  ): Promise<AccessToken> {
    const renew = async () => {
      const shared = await this.#ask(old)
      if (shared) return shared
      const token = await fetchToken()
      this.#say({ type: 'token', accessToken: token.accessToken, expiresAt: token.expiresAt })
      return token
    }
    if (!this.#locks) return renew()
    const signal = AbortSignal.timeout(LOCK_PATIENCE_MS)
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
        this.#hear = undefined
        resolve(token)
      }
      const timer = setTimeout(answer, ANSWER_MS, undefined)
      this.#hear = (token) => {
        if (token.accessToken !== old) answer(token)
      }
      this.#say({ type: 'ask' })
    })
  }

  #receive(message: Message): void {
    if (message.type === 'token') {
      const { accessToken, expiresAt } = message
      this.#hear?.({ accessToken, expiresAt })
      this.#shared?.heard({ accessToken, expiresAt })
      return
    }
    const token = this.#shared?.current()
    if (!token) return
    this.#say({ type: 'token', accessToken: token.accessToken, expiresAt: token.expiresAt })
  }

  #say(message: Message): void {
    this.#channel?.postMessage(message)
  }
}
