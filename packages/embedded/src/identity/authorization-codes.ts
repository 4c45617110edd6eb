import { randomBytes } from 'node:crypto'
import type { Person } from './person.ts'

const CODE_TTL_MS = 60_000
const MAX_CODES = 1_000

/** What a code was issued for, and all that it is good for. */
export interface Grant {
  readonly person: Person
  readonly clientId: string
  readonly redirectUri: string
  /** S256 (RFC 7636). */
  readonly codeChallenge: string
  readonly nonce: string | null
}

/** The codes that wait to be redeemed: each once, within a minute, the newest thousand. */
export class AuthorizationCodes {
  readonly #grants = new Map<string, { grant: Grant; expiresAt: number }>()
  readonly #now: () => number

  /** @param now milliseconds, for tests */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  issue(grant: Grant): string {
    const [oldest] = this.#grants.keys()
    if (this.#grants.size >= MAX_CODES && oldest !== undefined) this.#grants.delete(oldest)
    const code = randomBytes(32).toString('base64url')
    this.#grants.set(code, { grant, expiresAt: this.#now() + CODE_TTL_MS })
    return code
  }

  /** What the code was issued for; undefined where it is unknown, used or too old. */
  redeem(code: string): Grant | undefined {
    const entry = this.#grants.get(code)
    this.#grants.delete(code)
    return entry && this.#now() < entry.expiresAt ? entry.grant : undefined
  }
}
