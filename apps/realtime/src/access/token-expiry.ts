import { CLOSE_CODES } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import type { TokenLease } from '../connection/grant.ts'

/** How often the ends of tokens are checked, milliseconds. */
const CHECK_INTERVAL_MS = 1_000

/** How long before the end of its token a client is warned, milliseconds. */
const WARNING_MS = 60_000

/** Closes connections whose token has expired, and warns them before. */
export class TokenExpiry {
  readonly #connections: Connections
  readonly #timer = setInterval(() => this.#checkAll(), CHECK_INTERVAL_MS)
  /** A newer token is another lease, so its end is warned of again. */
  readonly #warned = new WeakSet<TokenLease>()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #checkAll(): void {
    const now = Date.now()
    for (const connection of this.#connections.all) this.#check(connection, now)
  }

  #check(connection: Connection, now: number): void {
    const { token } = connection
    if (now >= token.expiresAt) {
      connection.close(CLOSE_CODES.TOKEN_EXPIRED, 'the access token has expired')
    } else if (now >= token.expiresAt - WARNING_MS && !this.#warned.has(token)) {
      this.#warned.add(token)
      const expiresAt = new Date(token.expiresAt).toISOString()
      connection.sendMessage({ type: 'auth:expiring', expiresAt })
    }
  }
}
