import { networkOf } from '@mindfuse/service-kit'
import { ApiError } from '../http/errors.ts'
import type { LocalRateCounter } from '../http/local-rate-counter.ts'

/** How long wrong passwords count, from the first, milliseconds. */
const WINDOW_MS = 15 * 60_000

/** Most wrong passwords of a link in that time: from one address, and from all. */
const MAX_WRONG_PER_ADDRESS = 5
const MAX_WRONG = 20

/** Bounds how often the password of a link is guessed, over all instances. */
export interface Guesses {
  /** @throws ApiError 429 where a guess would be refused, before it waits to be checked */
  refuseSpent(linkId: string, address: string): void
  /**
   * Counts a guess, which is taken back if it was right.
   * @throws ApiError 429 with `Retry-After` after too many wrong ones
   */
  count(linkId: string, address: string): { takeBack(): void }
}

/** Counts guesses before they are checked, so that many at a time are no way around the limits. */
export function createGuesses(rates: LocalRateCounter): Guesses {
  const add = (linkId: string, address: string, by: number) =>
    [
      { key: `linkPassword:${linkId}:${networkOf(address)}`, most: MAX_WRONG_PER_ADDRESS },
      { key: `linkPassword:${linkId}`, most: MAX_WRONG },
    ].map(({ key, most }) => ({ most, ...rates.increment(key, WINDOW_MS, by) }))

  return {
    refuseSpent(linkId, address) {
      refuse(add(linkId, address, 0).filter(({ count, most }) => count >= most))
    },

    count(linkId, address) {
      const exceeded = add(linkId, address, 1).filter(({ count, most }) => count > most)
      const takeBack = () => void add(linkId, address, -1)
      // What is refused is not checked, and does not count.
      if (exceeded.length > 0) takeBack()
      refuse(exceeded)
      return { takeBack }
    },
  }
}

function refuse(exceeded: readonly { resetsInMs: number }[]): void {
  if (exceeded.length === 0) return
  const resetsInMs = Math.max(...exceeded.map((counter) => counter.resetsInMs))
  const retryAfterSeconds = Math.ceil(resetsInMs / 1_000)
  const detail = `Too many wrong passwords for this link; try again in ${retryAfterSeconds} s`
  throw new ApiError(429, 'too_many_passwords', detail, { retryAfterSeconds })
}
