import { CLOSE_CODES } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import type { Lease } from '../connection/lease.ts'

/** How often the ends of leases are checked, milliseconds. */
const CHECK_INTERVAL_MS = 1_000

/** How long before the end of its token or lease a client is warned, milliseconds. */
const WARNING_MS = 60_000

/**
 * Closes connections whose lease has expired, and warns them before. The lease of a session is extended
 * long before, unless its checks fail.
 */
export class TokenExpiry {
  readonly #connections: Connections
  readonly #timer = setInterval(() => this.#checkAll(), CHECK_INTERVAL_MS)
  /** An extended lease is another object, so its end is warned of again. */
  readonly #warned = new WeakSet<Lease>()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #checkAll(): void {
    const now = performance.now()
    for (const connection of this.#connections.all) this.#check(connection, now)
  }

  #check(connection: Connection, now: number): void {
    const { lease } = connection
    if (now >= lease.expiresAt + lease.graceMs) {
      connection.close(CLOSE_CODES.TOKEN_EXPIRED, 'a newer access token is needed')
    } else if (now >= lease.expiresAt - WARNING_MS && !this.#warned.has(lease)) {
      this.#warned.add(lease)
      // Tokens end at whole seconds.
      const seconds = Math.round((Date.now() + lease.expiresAt - now) / 1_000)
      const expiresAt = new Date(seconds * 1_000).toISOString()
      connection.sendMessage({ type: 'auth:expiring', expiresAt })
    }
  }
}
