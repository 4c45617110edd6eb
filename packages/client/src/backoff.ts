import { MindfuseError } from './errors.ts'

/** Longest delay before the first retry, milliseconds. */
export const BACKOFF_BASE_MS = 1_000

/** Longest delay of all, milliseconds. */
export const BACKOFF_CAP_MS = 30_000

/** What lasts this long resets the backoff, milliseconds. */
export const STABLE_MS = 10_000

/**
 * The delay before the next attempt: random, from 0 to a bound that doubles with each failure ("full
 * jitter"). Clients that lost the same server reconnect evenly spread.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param failures consecutive failures so far, from 0
 * @returns milliseconds
 */
export function fullJitter(failures: number, random: () => number): number {
  return random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures)
}

/** The delay before what failed is tried again: {@link fullJitter}, or longer where the server asks for that. */
export function retryDelay(error: unknown, failures: number, random: () => number): number {
  const { retryAfterMs = 0 } = error instanceof MindfuseError ? error : {}
  return Math.max(retryAfterMs, fullJitter(failures, random))
}
