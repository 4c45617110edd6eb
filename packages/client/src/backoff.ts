/** Longest delay before the first new try, milliseconds. */
export const BACKOFF_BASE_MS = 1_000

/** Longest delay of all, milliseconds. */
export const BACKOFF_CAP_MS = 30_000

/**
 * How long to wait before the next try: anything from nothing to a bound that doubles with each
 * failure ("full jitter"). Clients that lost the same server come back evenly spread.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param failures how often it failed in a row before, from 0
 * @returns milliseconds
 */
export function fullJitter(failures: number, random: () => number): number {
  return random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures)
}
