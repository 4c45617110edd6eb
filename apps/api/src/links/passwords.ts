import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { ApiError } from '../http/errors.ts'
import { createTurns } from '../http/turns.ts'

/** Parameters of OWASP's password storage sheet: 32 MiB of memory for each. */
const COST = { N: 2 ** 15, r: 8, p: 3 }
const HASH_BYTES = 32
const SALT_BYTES = 16
const MAX_MEMORY_BYTES = 64 * 2 ** 20

/** Each takes a thread of four, which name lookups and compression need too, and the memory above. */
const AT_ONCE = 2

/** Most that wait, fewer than who would give up meanwhile: of all, and of one person or address. */
const MAX_WAITING = 50
const MAX_WAITING_OF_ONE = 10

const RETRY_AFTER_SECONDS = 5

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** Passwords of links. Only what they hash to is kept. */
export interface Passwords {
  /** @param of whose turn it takes @throws ApiError 503 where too many are processed */
  hash(of: string, password: string): Promise<string>
  /**
   * Runs `attempt` with a function that says whether a password is the one that was hashed, few at a time.
   * @param of whose turn it takes
   * @throws ApiError 503 where too many are processed
   */
  attempt<Result>(
    of: string,
    attempt: (matches: (password: string, kept: string) => Promise<boolean>) => Promise<Result>,
  ): Promise<Result>
}

/** Hashes with scrypt, with few at work at a time, and one of each person or address. */
export function createPasswords(): Passwords {
  const refusals = { tooMany: busy, tooLate: busy }
  const ofAll = createTurns({ atOnce: AT_ONCE, maxWaiting: MAX_WAITING, ...refusals })
  const ofOne = createTurns({ atOnce: 1, maxWaiting: MAX_WAITING_OF_ONE, ...refusals })
  // Who has many to try waits for their own, so that the others' turn comes.
  const inTurn = <Result>(of: string, work: () => Promise<Result>) =>
    ofOne(of, () => ofAll('passwords', work))
  return {
    hash: (of, password) => inTurn(of, () => hash(password)),
    attempt: (of, attempt) => inTurn(of, () => attempt(matches)),
  }
}

async function hash(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const { N, r, p } = COST
  const derived = await deriveWith(password, salt, COST)
  return ['scrypt', N, r, p, salt.toString('base64url'), derived.toString('base64url')].join('$')
}

async function matches(password: string, kept: string): Promise<boolean> {
  const [, N, r, p, salt = '', expected = ''] = kept.split('$')
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const derived = await deriveWith(password, Buffer.from(salt, 'base64url'), cost)
  return timingSafeEqual(derived, Buffer.from(expected, 'base64url'))
}

function deriveWith(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  // The same password, whichever way a keyboard composes its accents (RFC 8265).
  const text = password.normalize('NFC')
  return derive(text, salt, HASH_BYTES, { ...cost, maxmem: MAX_MEMORY_BYTES })
}

function busy(): ApiError {
  const detail = 'Too many passwords are checked at the moment; try again later'
  return new ApiError(503, 'passwords_busy', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}
